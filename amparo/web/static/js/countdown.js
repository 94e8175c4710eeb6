/*
 * Counts again what is left until a page's hour: the page may have been kept somewhere for a while. The server says the day
 * plainly and when it counted, so that nothing is wrong without this.
 */
const DAY = 86_400_000;
const HOUR = 3_600_000;
const IN_HOURS = 48 * HOUR;
const language = document.documentElement.lang || "en";

for (const element of document.querySelectorAll("[data-countdown]")) {
  const counted = element.parentElement.querySelector(".counted");
  const show = () => {
    element.textContent = left(element.dataset, Date.now());
    if (counted) counted.hidden = true;
  };
  show();
  setInterval(show, 60_000);
}

/** What is left, in the words that the server would use. */
function left({ countdown, zone, unit, text, today, passed }, now) {
  const moment = Date.parse(countdown);
  if (moment <= now) return passed;
  if (moment - now > IN_HOURS || unit === "day") {
    const days = dayNumber(moment, zone) - dayNumber(now, zone);
    return days ? text.replace("{time}", inWords(days, "day")) : today;
  }
  const hours = Math.floor((moment - now) / HOUR);
  return hours ? text.replace("{time}", inWords(hours, "hour")) : text.replace("{time}", `< ${inWords(1, "hour")}`);
}

/** Days since 1970 on the calendar of a time zone. */
function dayNumber(moment, zone) {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(moment);
  return Math.round(Date.parse(`${parts}T00:00:00Z`) / DAY);
}

function inWords(number, unit) {
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(number);
}
