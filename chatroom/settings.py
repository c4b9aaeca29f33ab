"""Settings, all from the environment; docs/configure.md lists them."""

import secrets
import sys
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env("CHATROOM_DATA", default=str(BASE_DIR / "data"))).resolve()
DEBUG = env.bool("CHATROOM_DEBUG", default=False)
TLS = env.bool("CHATROOM_TLS", default=False)
BENCH = env.bool("CHATROOM_BENCH", default=False)


def secret_key() -> str:
    """The site's key: from the environment, else from the data folder, else a passing one (commands that need no sessions)."""
    if key := env("CHATROOM_SECRET_KEY", default=""):
        return key
    path = DATA_DIR / "secret_key"
    return path.read_text().strip() if path.exists() else secrets.token_urlsafe(50)


SECRET_KEY = secret_key()
SECRET_KEY_FALLBACKS = env.list("CHATROOM_SECRET_KEY_FALLBACKS", default=[])
SECOND_FACTOR_KEY = env("CHATROOM_SECOND_FACTOR_KEY", default="")  # empty: derived from the site's key
ALLOWED_HOSTS = env.list("CHATROOM_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
ORIGINS = env.list(
    "CHATROOM_ORIGINS", default=[]
)  # exact origins besides the page's own host, e.g. https://chat.example
CSRF_TRUSTED_ORIGINS = [origin for origin in ORIGINS if "://" in origin]

INSTALLED_APPS = [
    *(["daphne"] if sys.argv[1:2] == ["runserver"] else []),  # brings Twisted along: a second and 20 MB for all others
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "core",
    "audit",
    "realtime",
    "accounts",
    "files",
    "messaging",
    "games",
    "gateways",
    "chatroom",
]
if BENCH:
    INSTALLED_APPS.append("bench")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "chatroom.middleware.StaticFiles",
    "csp.middleware.CSPMiddleware",
    "chatroom.middleware.PrivateResponses",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.Identify",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.Gate",
]

ROOT_URLCONF = "chatroom.urls"
ASGI_APPLICATION = "chatroom.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.site",
            ]
        },
    }
]

# Databases: one SQLite file by default, PostgreSQL by DATABASE_URL.
DATABASE_URL = env("DATABASE_URL", default="")
if DATABASE_URL:
    _database = env.db_url_config(DATABASE_URL)
    if _database["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL is for PostgreSQL alone: postgres://name:password@host/database")
    DATABASES = {
        "default": {
            **_database,
            "CONN_MAX_AGE": 0,
            "OPTIONS": {"pool": {"min_size": 2, "max_size": 32}},
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "core.sqlite",
            "NAME": DATA_DIR / "db.sqlite3",
            "CONN_MAX_AGE": None,  # the threads are ours and few (chatroom/lanes.py); opening SQLite costs 0.8 ms
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32768; PRAGMA temp_store=MEMORY;"
                " PRAGMA mmap_size=268435456;",
            },
            "TEST": {"NAME": env("CHATROOM_TEST_DB", default=str(DATA_DIR / "test.sqlite3"))},
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Other processes are reached through Redis, where there is one.
REDIS_URL = env("REDIS_URL", default="")
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            # redis-py 8 closes connections that are silent for 5 s unless told otherwise
            "CONFIG": {
                "hosts": [{"address": REDIS_URL, "socket_timeout": None, "health_check_interval": 20}],
                "prefix": "chatroom",
            },
        }
    }
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Celery: inside `serve` without Redis, workers of their own with it.
CELERY_BROKER_URL = REDIS_URL or "memory://localhost"
CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.1} if not REDIS_URL else {"visibility_timeout": 3600}
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE: dict = {
    "chatroom.look_after_site": {"task": "chatroom.look_after_site", "schedule": 60.0},
    "audit.look_after_exports": {"task": "audit.look_after_exports", "schedule": 60.0},
    "accounts.look_after_jobs": {"task": "accounts.look_after_jobs", "schedule": 60.0},
    "accounts.forget_old_tries": {"task": "accounts.forget_old_tries", "schedule": 3600.0},
    "messaging.seal": {"task": "messaging.seal", "schedule": 3600.0},
    "messaging.expire_offers": {"task": "messaging.expire_offers", "schedule": 60.0},
    "games.look_after_tables": {"task": "games.look_after_tables", "schedule": 60.0},
    "files.look_after": {"task": "files.look_after", "schedule": 60.0},
    "files.sweep": {"task": "files.sweep", "schedule": 3600.0},
    "chatroom.look_after_night": {"task": "chatroom.look_after_night", "schedule": 300.0},
    "messaging.compact_search": {"task": "messaging.compact_search", "schedule": 300.0},
    "messaging.compact_search_whole": {
        "task": "messaging.compact_search",
        "schedule": crontab(hour=3, minute=10),
        "kwargs": {"whole": True},
    },
}

# People sign in with a name and a password.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.auth.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "display_name")},
    },
    {"NAME": "accounts.passwords.MinimumLength"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = ["accounts.passwords.Argon2", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_LOGOUT_ON_GET = False
# A school is one address, so sign-ins have no limit but the count of failures: accounts/actions/guard.py
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None, "signup": "200/m/ip", "second_factor": "5/5m/key,50/d/key"}
ACCOUNT_SESSION_REMEMBER = None  # whoever signs in says so
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignupForm",
    "login": "accounts.forms.LoginForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
MFA_ADAPTER = "accounts.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": "600/m/ip"}  # a school is one address; there is nothing to guess
MFA_TOTP_TOLERANCE = 1  # clocks may be half a minute wrong
MFA_FORMS = {
    "authenticate": "accounts.factor_forms.CodeForm",
    "reauthenticate": "accounts.factor_forms.CodeAgainForm",
    "activate_totp": "accounts.factor_forms.ActivateForm",
    "login_webauthn": "accounts.factor_forms.PasskeySignInForm",
    "authenticate_webauthn": "accounts.factor_forms.PasskeyStepForm",
    "reauthenticate_webauthn": "accounts.factor_forms.PasskeyAgainForm",
    "add_webauthn": "accounts.factor_forms.PasskeyForm",
    "edit_webauthn": "accounts.factor_forms.PasskeyNameForm",
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("CHATROOM_TRUSTED_PROXIES", default=0)

SESSION_COOKIE_NAME = "__Host-sessionid" if TLS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if TLS else "csrftoken"
LANGUAGE_COOKIE_NAME = "language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if TLS else None  # browsers complain of it on plain HTTP
SECURE_HSTS_SECONDS = env.int("CHATROOM_HSTS", default=31_536_000 if TLS else 0)
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for sub-domains: those of a school's domain are not ours
    "security.W008",  # redirects to HTTPS: `serve --tls` has no plain port, and a proxy redirects itself (deploy/nginx.conf)
    "security.W021",  # HSTS preload: a list of browsers' makers that a closed network has no part in
]
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

# The import map's hash is added by the middleware, which knows the static files of this deployment.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "media-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["lit-html"],
    }
}

# Languages
LANGUAGE_CODE = env("CHATROOM_LANGUAGE", default="en")
LANGUAGES = [("en", "English"), ("vi", "Tiếng Việt"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["chatroom.formats"]
USE_I18N = USE_TZ = True
TIME_ZONE = env("CHATROOM_TIME_ZONE", default="Asia/Ho_Chi_Minh")

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]

# Files lie in the data folder, or on a server that speaks S3.
S3_BUCKET, S3_ENDPOINT = env("S3_BUCKET", default=""), env("S3_ENDPOINT", default="").rstrip("/")
S3_REGION = env("S3_REGION", default="us-east-1")
S3_CLIENT = S3_ENDPOINT, S3_REGION, env("S3_ACCESS_KEY", default=""), env("S3_SECRET_KEY", default="")  # of backups too
if S3_BUCKET:
    from boto3.s3.transfer import TransferConfig  # takes 30 MiB

    FILE_STORAGE: dict = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_ENDPOINT or f"https://s3.{S3_REGION}.amazonaws.com",
            "access_key": env("S3_ACCESS_KEY", default="") or None,  # none: those of the machine's role
            "secret_key": env("S3_SECRET_KEY", default="") or None,
            "region_name": S3_REGION,
            "signature_version": "s3v4",
            "addressing_style": "path",
            "file_overwrite": True,
            "max_memory_size": 1024 * 1024,
            "transfer_config": TransferConfig(use_threads=False),  # memory stays flat
        },
    }
    for directive in ("img-src", "media-src", "connect-src"):
        CONTENT_SECURITY_POLICY["DIRECTIVES"][directive].append(
            "/".join(FILE_STORAGE["OPTIONS"]["endpoint_url"].split("/")[:3])
        )
else:
    FILE_STORAGE = {"BACKEND": "files.storage.DiskStorage", "OPTIONS": {"location": DATA_DIR / "files"}}
STORAGES = {
    "default": FILE_STORAGE,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "chatroom.styles.Storage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG


def add_static_headers(headers, path, url):
    """Static files are answered before the middleware that would say this; only what a browser opens as a page needs all of it."""
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if not path.endswith((".css", ".js", ".woff2")):
        headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"
        headers["X-Frame-Options"] = "DENY"


WHITENOISE_ADD_HEADERS_FUNCTION = add_static_headers
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_KEEP_ONLY_HASHED_FILES = (
    not DEBUG
)  # the import map leads plain names to hashed ones; half the files to compress

# What monitoring may read from elsewhere, and from when on a query is slow
METRICS_TOKEN = env("CHATROOM_METRICS_TOKEN", default="")
SLOW_QUERY_SECONDS = env.int("CHATROOM_SLOW_QUERY_MS", default=500) / 1000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env("CHATROOM_LOG_LEVEL", default="WARNING")},
}
