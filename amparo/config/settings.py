"""The only settings file. Every value comes from the environment through `env.py`, or is the same everywhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from amparo.config import env

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "amparo"

# --- Where we are -----------------------------------------------------------------------------------------------

AMPARO_DEMO = env.flag("AMPARO_DEMO", default=False)
AMPARO_VAR = env.directory("AMPARO_VAR", default=ROOT / "var")
BASE_URL = env.base_url("BASE_URL", default="http://127.0.0.1:8000")
DEBUG = False

_host = urlsplit(BASE_URL).hostname or "127.0.0.1"
_secure = BASE_URL.startswith("https://")
ALLOWED_HOSTS = [_host, *env.hosts("AMPARO_EXTRA_HOSTS")]
if _host == "127.0.0.1":
    ALLOWED_HOSTS.append("localhost")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
WAGTAILADMIN_BASE_URL = BASE_URL

# --- Secrets ----------------------------------------------------------------------------------------------------

SECRET_KEY = env.secret(
    "SECRET_KEY",
    keep_in=AMPARO_VAR / "secret_key" if AMPARO_DEMO else None,
    why="It signs staff sessions: write 50 random characters, or point SECRET_KEY_FILE at a file that holds them.",
)
AMPARO_MASTER_KEY_FILE = Path(
    env.text("AMPARO_MASTER_KEY_FILE", default=str(AMPARO_VAR / "master.key") if AMPARO_DEMO else None, why=
        "It seals supporters' names and addresses: run `amparo keys create PATH`, keep the file out of the database's"
        " backups, and write its path here.")
)  # fmt: skip
AMPARO_METRICS_TOKEN = env.text("AMPARO_METRICS_TOKEN", default="")
AMPARO_BOUNCE_TOKEN = env.text("AMPARO_BOUNCE_TOKEN", default="")

# --- The database -----------------------------------------------------------------------------------------------

DATABASE_URL = env.text("DATABASE_URL", default=f"sqlite:///{AMPARO_VAR / 'amparo.sqlite3'}")
try:
    _database: dict[str, Any] = dict(dj_database_url.parse(DATABASE_URL))
except (ValueError, dj_database_url.ParseError):
    raise env.ConfigurationError(
        "DATABASE_URL cannot be read; write sqlite:////path/to/file or postgres://user:password@host:5432/name."
    ) from None
AMPARO_ON_SQLITE = _database["ENGINE"] == "django.db.backends.sqlite3"
if not AMPARO_ON_SQLITE and _database["ENGINE"] != "django.db.backends.postgresql":
    raise env.ConfigurationError(
        "DATABASE_URL names another kind of database; write sqlite:///… or postgres://…."
    )
if AMPARO_ON_SQLITE:
    _database["OPTIONS"] = {
        # A write takes its lock when it begins, so that two writers queue instead of failing half-way.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: what we answered 2xx for survives a power cut.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        " PRAGMA temp_store=MEMORY; PRAGMA mmap_size=134217728; PRAGMA cache_size=-20000;",
    }
else:
    _database["CONN_HEALTH_CHECKS"] = True
    _database["OPTIONS"] = {**_database.get("OPTIONS", {}), "connect_timeout": 5}
_database["CONN_MAX_AGE"] = 600
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
#: One writer commits many submissions at once; only SQLite needs it (docs/adr/0005).
AMPARO_GROUP_COMMIT = AMPARO_ON_SQLITE

# --- Work in the background -------------------------------------------------------------------------------------

AMPARO_ENGINE = env.choice("AMPARO_ENGINE", options=("embedded", "celery"), default="embedded")
BROKER_URL = env.text(
    "BROKER_URL",
    default="" if AMPARO_ENGINE == "embedded" else None,
    why="The Celery engine rings over RabbitMQ: write amqp://user:password@host:5672/name, or AMPARO_ENGINE=embedded.",
)
if BROKER_URL and not BROKER_URL.startswith(("amqp://", "amqps://")):
    raise env.ConfigurationError(
        "BROKER_URL does not begin with amqp:// or amqps://; only RabbitMQ is spoken to."
    )

# --- Mail -------------------------------------------------------------------------------------------------------

SMTP_URL = env.text(
    "SMTP_URL", default="smtp://127.0.0.1:8025" if AMPARO_DEMO else "smtp://127.0.0.1:25?tls=none"
)
#: Letters one target receives in an hour, over all campaigns: twice what Proca sends by default (30).
AMPARO_LETTERS_PER_TARGET_PER_HOUR = env.number(
    "AMPARO_LETTERS_PER_TARGET_PER_HOUR", default=60, least=1, most=3600
)
#: Confirmation mails to strangers that leave in an hour, of one organization and of all; then a person decides. Our own
#: choice: a page shared by thousands passes, a stolen list of ten thousand addresses does not.
AMPARO_CONFIRMATIONS_PER_HOUR = env.number(
    "AMPARO_CONFIRMATIONS_PER_HOUR", default=3000, least=1, most=1_000_000
)
AMPARO_CONFIRMATIONS_PER_HOUR_IN_ALL = env.number(
    "AMPARO_CONFIRMATIONS_PER_HOUR_IN_ALL", default=10_000, least=1, most=1_000_000
)
#: A maildir or mbox into which the mail server puts what comes back.
AMPARO_BOUNCE_MAILBOX = env.text("AMPARO_BOUNCE_MAILBOX", default="")
#: Connections to the mail server that one process opens for mailings.
AMPARO_MAILING_CONNECTIONS = env.number("AMPARO_MAILING_CONNECTIONS", default=10, least=1, most=200)
#: A folder with keys by which mailings are signed; empty where the mail server signs.
AMPARO_DKIM_KEYS = env.text("AMPARO_DKIM_KEYS", default="")

# --- Mailings by a provider's interface -------------------------------------------------------------------------

#: How mailings leave: by the mail server or by a provider's HTTP interface. All else stays with the mail server, as do
#: a demonstration's.
AMPARO_MAIL_PROVIDER = env.choice(
    "AMPARO_MAIL_PROVIDER",
    options=("smtp",) if AMPARO_DEMO else ("smtp", "mailgun", "mailjet", "postmark"),
    default="smtp",
)
AMPARO_MAIL_PROVIDER_KEY = env.text(
    "AMPARO_MAIL_PROVIDER_KEY",
    default="" if AMPARO_MAIL_PROVIDER == "smtp" else None,
    why="The provider knows you by it: write Mailgun's sending key, Mailjet's as key:secret, or the token of your"
    " Postmark server; or AMPARO_MAIL_PROVIDER=smtp.",
)
if AMPARO_MAIL_PROVIDER == "mailjet" and not all(AMPARO_MAIL_PROVIDER_KEY.partition(":")):
    raise env.ConfigurationError(
        "AMPARO_MAIL_PROVIDER_KEY has no colon; Mailjet wants two words, written as key:secret."
    )
#: Mailgun keeps a domain in one of two places, and it may be another than the sender's; and the stream of Postmark's
#: that is meant for mailings.
AMPARO_MAIL_PROVIDER_DOMAIN = env.text("AMPARO_MAIL_PROVIDER_DOMAIN", default="")
AMPARO_MAIL_PROVIDER_REGION = env.choice("AMPARO_MAIL_PROVIDER_REGION", options=("eu", "us"), default="eu")
AMPARO_MAIL_PROVIDER_STREAM = env.text("AMPARO_MAIL_PROVIDER_STREAM", default="broadcast")
#: What proves that a report comes from the provider; without it none is taken.
AMPARO_MAIL_REPORTS_SECRET = env.text("AMPARO_MAIL_REPORTS_SECRET", default="")
if AMPARO_MAIL_REPORTS_SECRET and len(AMPARO_MAIL_REPORTS_SECRET) < 20:
    raise env.ConfigurationError(
        "AMPARO_MAIL_REPORTS_SECRET is too short to be secret; write at least 20 random characters."
    )
if AMPARO_MAIL_REPORTS_SECRET and AMPARO_MAIL_PROVIDER != "mailgun" and ":" not in AMPARO_MAIL_REPORTS_SECRET:
    raise env.ConfigurationError(
        "AMPARO_MAIL_REPORTS_SECRET has no colon; write user:password as it stands in the address that you give to the"
        " provider. Only Mailgun signs with a single word."
    )
_mail_key, _mail_colon, _mail_secret = AMPARO_MAIL_PROVIDER_KEY.partition(":")
ANYMAIL = {
    "MAILGUN_API_KEY": AMPARO_MAIL_PROVIDER_KEY,
    "MAILGUN_API_URL": {"eu": "https://api.eu.mailgun.net/v3", "us": "https://api.mailgun.net/v3"}[
        AMPARO_MAIL_PROVIDER_REGION
    ],
    "MAILGUN_SENDER_DOMAIN": AMPARO_MAIL_PROVIDER_DOMAIN or None,
    "MAILGUN_WEBHOOK_SIGNING_KEY": AMPARO_MAIL_REPORTS_SECRET,
    "MAILJET_API_KEY": _mail_key,
    "MAILJET_SECRET_KEY": _mail_secret,
    "POSTMARK_SERVER_TOKEN": AMPARO_MAIL_PROVIDER_KEY,
    "POSTMARK_MESSAGE_STREAM": AMPARO_MAIL_PROVIDER_STREAM,
    "WEBHOOK_SECRET": "" if AMPARO_MAIL_PROVIDER == "mailgun" else AMPARO_MAIL_REPORTS_SECRET,
    # What became of each reader is ours to judge, also when all of a request were refused.
    "IGNORE_RECIPIENT_STATUS": True,
    # Seconds to connect, and for an answer: together no more than a session waits for its last answers.
    "REQUESTS_TIMEOUT": (4, 16),
}

# --- Text messages ----------------------------------------------------------------------------------------------

#: Who takes text messages; a demonstration's stay on its own machine.
AMPARO_SMS_PROVIDER = env.choice(
    "AMPARO_SMS_PROVIDER",
    options=("none", "catcher") if AMPARO_DEMO else ("none", "twilio"),
    default="catcher" if AMPARO_DEMO else "none",
)
_texts_leave = AMPARO_SMS_PROVIDER not in {"none", "catcher"}
AMPARO_SMS_ACCOUNT = env.text(
    "AMPARO_SMS_ACCOUNT",
    default=None if _texts_leave else "",
    why="The provider of text messages knows you by it: write your account's SID, or AMPARO_SMS_PROVIDER=none.",
)
AMPARO_SMS_TOKEN = env.text(
    "AMPARO_SMS_TOKEN",
    default=None if _texts_leave else "",
    why="It opens your account, and signs what the provider tells us: write its auth token, or point"
    " AMPARO_SMS_TOKEN_FILE at a file that holds it.",
)
AMPARO_SMS_SENDERS = env.text_senders("AMPARO_SMS_SENDERS", needed=_texts_leave)
if AMPARO_DEMO and not AMPARO_SMS_SENDERS:
    #: Set aside for films and examples (Ofcom).
    AMPARO_SMS_SENDERS = {"": "+441632960000"}
AMPARO_SMS_URL = env.base_url("AMPARO_SMS_URL", default="https://api.twilio.com")
if not AMPARO_SMS_URL.startswith("https://"):
    raise env.ConfigurationError(
        "AMPARO_SMS_URL does not begin with https://; your account's token would be read on the way."
    )
#: Requests to the provider of text messages that one process has under way.
AMPARO_SMS_REQUESTS = env.number("AMPARO_SMS_REQUESTS", default=4, least=1, most=50)

# --- Who is asking ----------------------------------------------------------------------------------------------

#: How many proxies of ours stand before this server; only that many X-Forwarded-For entries are believed.
AMPARO_TRUSTED_PROXIES = env.number("AMPARO_TRUSTED_PROXIES", default=0, least=0, most=5)
ALLAUTH_TRUSTED_PROXY_COUNT = AMPARO_TRUSTED_PROXIES

# --- The house --------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "amparo.web",
    "amparo.actions",
    "amparo.mailings",
    "amparo.targets",
    "amparo.cases",
    "amparo.supporters",
    "amparo.content",
    "amparo.accounts",
    "amparo.organizations",
    "amparo.config",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.users",
    "wagtail.images",
    "wagtail.documents",
    "wagtail.search",
    "wagtail.admin",
    "wagtail.sites",
    "wagtail.snippets",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "amparo.web.security_headers.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "amparo.web.availability.AvailabilityMiddleware",
    "amparo.web.page_cache.PageCacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "amparo.accounts.second_factor.SecondFactorMiddleware",
    "amparo.accounts.account_pages.AccountPagesMiddleware",
]

ROOT_URLCONF = "amparo.config.urls"
WSGI_APPLICATION = "amparo.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # A demonstration says on every page that it is one.
        "DIRS": [PACKAGE / "web" / "demo" / "templates"] if AMPARO_DEMO else [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "amparo.content.site_identity.site_identity",
            ],
        },
    }
]

# --- Staff ------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/staff/"
WAGTAILADMIN_LOGIN_URL = "/accounts/login/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "amparo.accounts.adapter.StaffAdapter"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _secure else "http"
MFA_ADAPTER = "amparo.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Amparo"
# Browsers offer passkeys on plain http only at localhost, which is where a demonstration runs.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _secure
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _secure
CSRF_COOKIE_SECURE = _secure
CSRF_COOKIE_SAMESITE = "Lax"

# --- Pages ------------------------------------------------------------------------------------------------------

WAGTAIL_SITE_NAME = "Amparo"
WAGTAIL_I18N_ENABLED = True
WAGTAILIMAGES_IMAGE_MODEL = "content.CreditedImage"
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILADMIN_RICH_TEXT_EDITORS = {
    "default": {
        "WIDGET": "wagtail.admin.rich_text.DraftailRichTextArea",
        "OPTIONS": {"features": ["h2", "h3", "bold", "italic", "ol", "ul", "link", "hr"]},
    }
}
#: Seconds a page for readers may be kept by this process and by caches between.
AMPARO_PAGE_CACHE_SECONDS = env.number("AMPARO_PAGE_CACHE_SECONDS", default=10, least=0, most=86400)

LANGUAGE_CODE = "en"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("en", "English"), ("fr", "Français"), ("ar", "العربية")]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = AMPARO_VAR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = AMPARO_VAR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MANIFEST_STRICT = False
# A letter may be 20,000 characters and a page's editor form is large; a megabyte of letter is refused by us, kindly.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

CACHE_URL = env.text("CACHE_URL", default="locmem://")
if CACHE_URL.startswith(("redis://", "rediss://")):
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}}
elif CACHE_URL == "locmem://":
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
else:
    raise env.ConfigurationError("CACHE_URL cannot be read; write locmem:// or redis://host:6379/0.")

# --- On the wire ------------------------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
# Not for everything below: a group's other sites under the same name may still be on plain HTTP.
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_SSL_REDIRECT = _secure
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if AMPARO_TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"

# --- Logs: no addresses, no query strings, no personal data -----------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "line"}},
    # The demonstration's mail catcher names recipients at a lower level.
    "loggers": {"mail.log": {"level": "WARNING"}},
    "root": {"handlers": ["stderr"], "level": env.choice(
        "AMPARO_LOG_LEVEL", options=("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO")},
}  # fmt: skip
