"""Who may open what: one row for every address. An address without a row fails ``test_permissions``.

Roles are C clinician, S safety officer, R reviewer, A administrator; ``any`` is every member, ``all`` is everybody,
signed in or not. ``site`` marks rows of one site: another site's member gets 404, whatever their role. Words in
``arguments`` name things in the test's world.
"""

from dataclasses import dataclass

TABLE = """
name                                    method  roles  site  arguments
home                                    get     any    -     -
choose-role                             post    any    -     -
health                                  get     all    -     -
account_login                           get     all    -     -
account_logout                          post    all    -     -
account_inactive                        get     all    -     -
account_signup                          get     all    -     -
account_reauthenticate                  get     any    -     -
account_email                           get     any    -     -
account_email_verification_sent         get     all    -     -
account_change_password                 get     any    -     -
account_set_password                    get     any    -     -
account_reset_password                  get     all    -     -
account_confirm_login_code              get     all    -     -
account_confirm_email                   get     all    -     key=x
account_reset_password_from_key_done    get     all    -     -
account_reset_password_from_key         get     all    -     uidb36=1,key=x
account_reset_password_done             get     all    -     -
mfa_index                               get     any    -     -
mfa_authenticate                        get     all    -     -
mfa_reauthenticate                      get     any    -     -
mfa_activate_totp                       get     any    -     -
mfa_deactivate_totp                     get     any    -     -
mfa_view_recovery_codes                 get     any    -     -
mfa_generate_recovery_codes             get     any    -     -
mfa_download_recovery_codes             get     any    -     -
governance:members                      get     A      -     -
governance:add-member                   get     A      -     -
governance:remove-member                post    A      site  membership
governance:audit                        get     A      -     -
catalogue:products                      get     any    -     -
catalogue:add-product                   get     SA     -     -
catalogue:product                       get     any    -     product
catalogue:add-composition               get     SA     -     product
catalogue:add-legal-statement           get     SA     -     product
catalogue:add-lot                       get     SA     -     product
catalogue:lot                           get     any    -     lot
catalogue:record-release-test           get     SA     -     lot
catalogue:state-expiry                  get     SA     -     lot
catalogue:override-lot                  get     S      -     lot
catalogue:quarantine-lot                get     S      -     lot
catalogue:release-quarantine            get     S      -     lot
catalogue:recall-lot                    get     S      -     lot
catalogue:receive-stock                 get     C      -     lot
catalogue:remove-stock                  get     C      -     lot
clinic:patients                         get     CS     -     -
clinic:add-patient                      get     C      -     -
clinic:patient                          get     CS     site  patient
clinic:show-identity                    post    C      site  patient
clinic:screen                           get     C      site  patient
clinic:note-screening                   get     C      site  screening
clinic:consent                          get     C      site  patient
clinic:consent-pdf                      get     C      site  consent
clinic:withdraw-consent                 get     C      site  consent
clinic:treat                            get     C      site  patient
clinic:treatment                        get     CS     site  treatment
clinic:follow-ups                       get     CS     -     -
clinic:follow-up                        get     CS     site  follow_up
clinic:record-follow-up                 get     C      site  follow_up
clinic:make-link                        post    C      site  follow_up
clinic:revoke-link                      post    C      site  follow_up
clinic:answer                           get     CS     site  answer
clinic:review-answer                    post    CS     site  answer
clinic:photo                            get     CS     site  photo
clinic:patient-page                     get     all    -     token
vigilance:cases                         get     CS     -     -
vigilance:due                           get     CS     -     -
vigilance:pathway                       get     CS     -     -
vigilance:change-step                   get     S      site  site_code,step
vigilance:times                         get     CS     -     -
vigilance:incoming                      get     CS     -     -
vigilance:incoming-report               get     CS     site  incoming
vigilance:show-people                   post    S      site  incoming
vigilance:bring-in-file                 get     S      -     -
vigilance:add-literature                get     S      -     -
vigilance:complete-incoming             get     S      site  incoming
vigilance:chase-incoming                get     S      site  incoming
vigilance:open-case-from-report         get     S      site  incoming
vigilance:add-report-to-case            get     S      site  incoming
vigilance:set-report-aside              get     S      site  incoming
vigilance:take-report-up-again          get     S      site  incoming
vigilance:link-cases                    get     S      site  case
vigilance:unlink-cases                  get     S      site  link
vigilance:read-acknowledgement          get     S      -     -
vigilance:add-acknowledgement           get     S      site  submission
outside:places                          get     all    -     -
outside:tell                            get     all    -     place
vigilance:submission-proof              get     CS     site  submission
vigilance:edit-duty-facts               get     CS     site  case
vigilance:add-submission                get     S      site  case
vigilance:open-case-from-answer         get     CS     site  answer
vigilance:open-case-from-treatment      get     CS     site  treatment
vigilance:report                        get     CS     site  report
vigilance:report-file                   get     CS     site  report
vigilance:meddra                        get     S      -     -
vigilance:meddra-upgrade                get     CS     site  release
vigilance:form-file                     get     CS     site  case,form
vigilance:code-reaction                 get     S      site  case
vigilance:case                          get     CS     site  case
vigilance:edit-what                     get     CS     site  case
vigilance:edit-seriousness              get     CS     site  case
vigilance:judge-news                    get     S      site  case
vigilance:record-step                   get     CS     site  case,step
vigilance:lesions                       get     CS     site  case
vigilance:add-lesions                   get     CS     site  case
vigilance:edit-outcome                  get     CS     site  case
vigilance:add-investigation             get     CS     site  case
vigilance:add-management                get     CS     site  case
vigilance:edit-management               get     CS     site  case,management
vigilance:who-umc                       get     S      site  case
vigilance:naranjo                       get     S      site  case
vigilance:split                         get     S      site  case
vigilance:narrative                     get     S      site  case
vigilance:write-report                  post    S      site  case
vigilance:make-version                  get     S      site  case
vigilance:version                       get     CS     site  case,version
vigilance:nullify-case                  get     S      site  case
signals:watch                           get     CSR    -     -
signals:run-watch                       post    S      -     -
signals:scan                            get     CSR    -     -
signals:pair                            get     CSR    -     -
signals:stream                          get     CSR    -     stream
signals:alarm                           get     CSR    -     alarm
signals:alarm-cases                     get     CSR    -     alarm
signals:alarm-comparison                get     CSR    -     alarm
signals:decide-alarm                    get     S      -     alarm
signals:close-alarm                     get     S      -     alarm
signals:reopen-alarm                    get     S      -     alarm
signals:duplicates                      get     S      -     -
signals:decide-duplicate                get     S      site  first,second
evidence:map                            get     any    -     -
evidence:studies                        get     any    -     -
evidence:study                          get     any    -     study
evidence:condition                      get     any    -     condition
evidence:harms                          get     any    -     -
evidence:reactions                      get     CSR    -     -
evidence:reactions-by                   get     CSR    -     attribute
evidence:trials                         get     any    -     -
dossier:dossiers                        get     any    -     -
dossier:build                           get     R      -     -
dossier:edition                         get     any    -     edition
dossier:pdf                             get     any    -     edition
dossier:studies-csv                     get     any    -     edition
dossier:dossier                         get     any    -     condition,product_class
"""

# What an address asks for beside its path.
ASKED = {"signals:pair": "?product=X&reaction=GRANULOMA"}
ROLES = {"C": "clinician", "S": "safety_officer", "R": "reviewer", "A": "administrator"}


@dataclass(frozen=True)
class Row:
    """One address."""

    name: str
    method: str
    roles: frozenset[str]
    public: bool
    of_site: bool
    arguments: tuple[str, ...]


def _row(line: str) -> Row:
    name, method, roles, site, arguments = line.split()
    allowed = frozenset(ROLES.values()) if roles in {"any", "all"} else frozenset(ROLES[r] for r in roles)
    given = () if arguments == "-" else tuple(arguments.split(","))
    return Row(name, method, allowed, roles == "all", site == "site", given)


ROWS = tuple(_row(line) for line in TABLE.strip().splitlines()[1:])
