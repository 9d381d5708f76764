"""Django settings, read once from the environment.

Everything an operator may set is an ``EXOVIGIL_*`` variable (``DATABASE_URL`` excepted, by custom); the
README lists them. Secrets that are not given are made once and kept in the data directory, so that a
laptop needs no configuration and a server can have all of it.
"""

from pathlib import Path

from environs import Env

from exovigil.web.secrets import load_secrets

env = Env()
PACKAGE = Path(__file__).resolve().parents[1]

# --- Where things are -----------------------------------------------------------------------------
DATA_DIR = Path(env.str("EXOVIGIL_DATA", "var")).resolve()
# The report store that the scan pages read; "exovigil signals import" fills it.
REPORT_STORE = env.path("EXOVIGIL_STORE", DATA_DIR / "store")
DEBUG = env.bool("EXOVIGIL_DEBUG", False)
ALLOWED_HOSTS = env.list("EXOVIGIL_HOSTS", ["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("EXOVIGIL_ORIGINS", [])
SITE_ADDRESS = env.str("EXOVIGIL_ADDRESS", CSRF_TRUSTED_ORIGINS[0] if CSRF_TRUSTED_ORIGINS else "")
HTTPS = env.bool("EXOVIGIL_HTTPS", False)

SECRET_KEY, FIELD_KEYS = load_secrets(
    DATA_DIR, env.str("EXOVIGIL_SECRET_KEY", ""), env.list("EXOVIGIL_FIELD_KEYS", [])
)

# --- What it is built of --------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "exovigil.web",
    "exovigil.governance",
    "exovigil.catalogue",
    "exovigil.clinic",
    "exovigil.vigilance",
    "exovigil.signals",
    "exovigil.evidence",
    "exovigil.dossier",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "exovigil.web.middleware.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "exovigil.governance.middleware.ActorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "exovigil.web.urls"
WSGI_APPLICATION = "exovigil.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "exovigil.foundation.forms.Renderer"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["exovigil.web.templatetags.house"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "exovigil.web.context.house",
            ],
        },
    }
]

# --- Registry database ----------------------------------------------------------------------------
# SQLite as a clinical record: WAL for readers beside the writer, IMMEDIATE so that a write waits for its
# turn instead of failing half-way, FULL so that a power cut loses no acknowledged commit.
DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{DATA_DIR / 'registry.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-20000;"
            " PRAGMA mmap_size=134217728; PRAGMA journal_size_limit=67108864;"
        ),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- Signing in -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "governance.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "exovigil.web.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
# django-axes counts failures in the database, so a lock holds over all workers; one lock-out is enough.
ACCOUNT_RATE_LIMITS = {"login_failed": None, "login": None}
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_SENSITIVE_PARAMETERS = ["login", "username", "ip_address"]
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
ACCOUNT_FORMS = {
    "login": "exovigil.web.account_forms.LoginForm",
    "add_email": "exovigil.web.account_forms.AddEmailForm",
    "change_password": "exovigil.web.account_forms.ChangePasswordForm",
    "set_password": "exovigil.web.account_forms.SetPasswordForm",
    "reset_password": "exovigil.web.account_forms.ResetPasswordForm",
    "reset_password_from_key": "exovigil.web.account_forms.ResetPasswordKeyForm",
    "reauthenticate": "exovigil.web.account_forms.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": "exovigil.web.account_forms.CodeForm",
    "reauthenticate": "exovigil.web.account_forms.CodeAgainForm",
    "activate_totp": "exovigil.web.account_forms.ActivateTOTPForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Exovigil"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an administrator adds members; nobody confirms an address by e-mail
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
EMAIL_BACKEND = env.str("EXOVIGIL_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
DEFAULT_FROM_EMAIL = env.str("EXOVIGIL_FROM_EMAIL", "exovigil@localhost")

# --- What a browser may do ------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

# --- Files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = DATA_DIR / "sealed"
FILE_UPLOAD_HANDLERS = [
    "exovigil.web.uploads.SizeLimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
UPLOAD_FILE_LIMIT = 20 * 1024 * 1024  # bytes, one file
BODY_LIMIT = 64 * 1024 * 1024  # bytes, a whole request; beyond this it is refused unread
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# --- What the worker does at night ----------------------------------------------------------------
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
NIGHT_HOUR = env.int("EXOVIGIL_NIGHT_HOUR", 3)  # of TIME_ZONE

# --- Words and time -------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.str("EXOVIGIL_TIME_ZONE", "Europe/London")
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["exovigil.web.formats"]

# --- Logs: what happened, never to whom -----------------------------------------------------------
LOGGING_CONFIG = "exovigil.web.logs.configure"
LOG_LEVEL = env.str("EXOVIGIL_LOG_LEVEL", "WARNING")

# --- The demonstration world ----------------------------------------------------------------------
DEMO_NOTE = DATA_DIR / "demo.json"
E2B_SENDER = env.str("EXOVIGIL_E2B_SENDER", "EXOVIGIL")
COUNTRY = env.str("EXOVIGIL_COUNTRY", "GB")
