"""Only the public web is asked, at the very address that was checked; what comes back is short and in time."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address, ip_network

import pytest

from amparo.kit import http
from amparo.kit.http import AnswerLost, Guard, LeadsOnAndOn, NoAnswer, NotAskedThere, TooLong

HOME = ip_network("127.0.0.1/32")


class _Pages(BaseHTTPRequestHandler):
    """A few pages; what was asked is kept by the server."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        if self.path == "/drip":
            self._drip()
        else:
            self._answer()

    def do_POST(self):
        said = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((self.path, dict(self.headers), said))
        if self.path == "/cut":
            self.close_connection = True
        elif self.path == "/silent":
            self.close_connection = True
            self.server.closing.wait(1)
        elif self.path == "/half":
            self.close_connection = True
            self.send_response(201)
            self.send_header("Content-Length", "100")
            self.end_headers()
        else:
            self._answer()

    def _answer(self):
        onward = self.server.onward.get(self.path)
        body = b"x" * 2000 if self.path == "/long" else b"It is here."
        self.send_response(302 if onward else 404 if self.path == "/gone" else 200)
        if onward:
            self.send_header("Location", onward)
        self.send_header("Set-Cookie", "who=you")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self):
        """Headers, letter by letter, until the other side has enough."""
        self.close_connection = True
        try:
            while not self.server.closing.wait(0.01):
                self.wfile.write(b"x")
        except OSError:
            return

    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def pages():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    server.asked, server.onward, server.closing = [], {}, threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def asked(pages):
    pages.asked.clear()
    pages.onward.clear()
    return pages.asked


def guard(pages, **named):
    """Lets this machine's own server in, and knows the names given; any other name leads there too."""

    def resolve(host, port):
        found = named.get(host.split(".")[0], ["127.0.0.1"])
        return found if isinstance(found, list) else found()

    return Guard(resolve=resolve, networks=(HOME,), ports=frozenset({80, 443, pages.server_port}))


def at(pages, path, host="news.test"):
    return f"http://{host}:{pages.server_port}{path}"


def test_a_page_is_read_without_cookie_referrer_or_our_name(pages, asked):
    answer = http.get(at(pages, "/report?year=2026"), guard=guard(pages))

    assert (answer.status, answer.body, answer.is_there) == (200, b"It is here.", True)
    assert "set-cookie" not in answer.headers
    (path, headers) = asked[0]
    assert path == "/report?year=2026"
    assert headers["Host"] == f"news.test:{pages.server_port}"
    assert headers["User-Agent"] == http.USER_AGENT
    assert not {"Cookie", "Referer", "From"} & set(headers)


def test_looking_reads_no_body(pages, asked):
    answer = http.look(at(pages, "/gone"), guard=guard(pages))

    assert (answer.status, answer.is_there, answer.body) == (404, False, b"")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://news.test/",
        "file:///etc/passwd",
        "gopher://news.test/",
        "http://user:secret@news.test/",
        "http://news.test:22/",
        "http://news.test:99999/",
        "http:///path",
        "http://news.test/\r\nHost: other.test",
        "http://news.test\\@127.0.0.1/",
        "http://nëws..test/",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_plain_address_of_the_web_is_not_asked(url):
    with pytest.raises(NotAskedThere):
        http.get(url, guard=Guard(resolve=lambda _host, _port: pytest.fail("It was resolved.")))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.0.0.8",
        "172.16.4.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.170",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "fc00::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
    ],
)
def test_nothing_but_the_public_internet_is_connected_to(address):
    assert not http.is_public(ip_address(address))
    with pytest.raises(NotAskedThere):
        http.get("http://inside.test/", guard=Guard(resolve=lambda _host, _port: [address]))


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1"])
def test_the_public_internet_is(address):
    assert http.is_public(ip_address(address))


def test_a_number_written_otherwise_is_checked_as_what_it_leads_to():
    with pytest.raises(NotAskedThere):
        http.get("http://2130706433/", guard=Guard(resolve=lambda _host, _port: ["127.0.0.1"]))


def test_a_name_is_resolved_once_and_what_was_checked_is_connected_to(pages, asked):
    """A name that is public when checked and private a moment later (DNS rebinding) gains nothing."""
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    watched = guard(pages, rebinding=lambda: answers.pop(0))

    assert http.get(at(pages, "/", host="rebinding.test"), guard=watched).status == 200
    assert answers == [["169.254.169.254"]]


def test_a_redirect_is_followed_when_it_is_an_address_that_may_be_asked(pages, asked):
    pages.onward |= {"/old": "/new", "/new": at(pages, "/there", host="other.test")}

    answer = http.get(at(pages, "/old"), guard=guard(pages))

    assert answer.url == at(pages, "/there", host="other.test")
    assert [path for path, _headers in asked] == ["/old", "/new", "/there"]
    assert all("Cookie" not in headers for _path, headers in asked)


@pytest.mark.parametrize(
    "onward", ["http://inside.test/admin", "http://169.254.169.254/", "file:///etc/passwd", "//inside.test/"]
)
def test_a_redirect_to_the_machine_next_door_is_not_followed(pages, asked, onward):
    pages.onward["/trap"] = onward

    with pytest.raises(NotAskedThere):
        http.get(at(pages, "/trap"), guard=guard(pages, inside=["10.0.0.8"], **{"169": ["169.254.169.254"]}))
    assert len(asked) == 1


def test_redirects_end(pages, asked):
    pages.onward["/round"] = "/round"

    with pytest.raises(LeadsOnAndOn):
        http.get(at(pages, "/round"), guard=guard(pages))
    assert len(asked) == http.MOST_REDIRECTS + 1


def test_a_body_longer_than_we_read_is_refused(pages, asked):
    with pytest.raises(TooLong):
        http.get(at(pages, "/long"), guard=guard(pages), most_bytes=1000)


def test_time_ends(pages, asked):
    with pytest.raises((TooLong, NoAnswer)):
        http.get(at(pages, "/"), guard=guard(pages), seconds=0)


def test_headers_that_drip_in_end_too(pages, asked):
    with pytest.raises(TooLong):
        http.look(at(pages, "/drip"), guard=guard(pages), seconds=0.2)


def test_nobody_there_is_said(pages):
    def unknown():
        raise OSError

    with pytest.raises(NoAnswer):
        http.look("http://nowhere.test/", guard=guard(pages, nowhere=unknown))
    with pytest.raises(NoAnswer):
        http.look("http://nowhere.test/", guard=guard(pages, nowhere=[]))


def test_a_server_that_speaks_no_http_is_no_answer(pages):
    """Plain HTTP spoken to by TLS: the certificate is asked for before anything is."""
    with pytest.raises(NoAnswer):
        http.look(f"https://news.test:{pages.server_port}/", guard=guard(pages))


# --- Asking as somebody who is known --------------------------------------------------------------


def test_whoever_knows_us_is_shown_who_we_are_and_what_it_says_is_read_whatever_it_is(pages, asked):
    answer = http.ask(
        at(pages, "/gone"), login=("who", "pass"), headers={"X-Token": "secret"}, guard=guard(pages)
    )
    assert (answer.status, answer.body) == (404, b"It is here.")
    ((path, headers),) = asked
    assert path == "/gone"
    assert headers["Authorization"] == "Basic d2hvOnBhc3M="
    assert headers["X-Token"] == "secret"


def test_no_redirect_leads_a_login_elsewhere(pages, asked):
    pages.onward["/moved"] = at(pages, "/elsewhere")
    answer = http.ask(at(pages, "/moved"), login=("who", "pass"), guard=guard(pages))
    assert (answer.status, len(asked)) == (302, 1)


def test_a_login_is_not_shown_next_door():
    with pytest.raises(NotAskedThere):
        http.ask("http://127.0.0.1/", login=("who", "pass"))


# --- Sending something ----------------------------------------------------------------------------


def test_a_form_is_sent_once_with_a_login_and_nothing_else_about_us(pages, asked):
    answer = http.post(
        at(pages, "/texts"),
        fields={"To": "+44 1", "Body": "é & =\n"},
        login=("who", "pass:word"),
        guard=guard(pages),
    )
    assert (answer.status, answer.body) == (200, b"It is here.")
    ((path, headers, said),) = asked
    assert (path, said) == ("/texts", "To=%2B44+1&Body=%C3%A9+%26+%3D%0A")
    assert headers["Authorization"] == "Basic d2hvOnBhc3M6d29yZA=="
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert not {"Cookie", "Referer", "From"} & set(headers)
    assert "who" not in repr(http._Question("POST", headers, said.encode()))


def test_a_redirect_is_not_followed_with_what_was_sent(pages, asked):
    pages.onward["/moved"] = at(pages, "/elsewhere")
    answer = http.post(at(pages, "/moved"), fields={"a": "b"}, guard=guard(pages))
    assert (answer.status, len(asked)) == (302, 1)


@pytest.mark.parametrize("path", ["/cut", "/silent"])
def test_an_answer_that_never_came_is_told_apart_from_nothing_sent(pages, asked, path):
    with pytest.raises(AnswerLost):
        http.post(at(pages, path), fields={"a": "b"}, guard=guard(pages), seconds=0.5)
    assert len(asked) == 1


def test_an_answer_that_breaks_off_has_said_how_it_went(pages, asked):
    answer = http.post(at(pages, "/half"), fields={"a": "b"}, guard=guard(pages))
    assert (answer.status, answer.body) == (201, b"")


def test_nothing_was_sent_where_nobody_listens(pages):
    closed = Guard(resolve=lambda _host, _port: ["127.0.0.1"], networks=(HOME,), ports=frozenset({9}))
    with pytest.raises(NoAnswer):
        http.post("http://news.test:9/", fields={}, guard=closed)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://user@news.test/", "ftp://news.test/", "http://[::1]/"]
)
def test_nothing_is_sent_next_door(url):
    with pytest.raises(NotAskedThere):
        http.post(url, fields={"a": "b"})
