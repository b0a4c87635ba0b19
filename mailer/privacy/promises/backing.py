"""The tests behind each promise, by their ids; a promise without one here is not kept."""

ACTS = "tests/compliance/test_acts.py"
ARCHIVE = "tests/privacy/test_access.py"
BODY = "tests/compliance/test_body.py"
CLOCKS = "tests/privacy/test_clocks.py"
COLUMNS = "tests/compliance/test_columns.py"
COOKIES = "tests/e2e/test_cookies.py"
DESK = "tests/web/test_desk.py"
ERASURE = "tests/privacy/test_erasure.py"
FACTOR = "tests/web/test_second_step.py"
FAULTS = "tests/faults/test_f10_leaving_readers.py"
INCIDENTS = "tests/privacy/incidents/test_register.py"
HERS = "tests/web/test_your_data.py"
IDENTITIES = "tests/compliance/test_identities.py"
IDENTITY = "tests/compliance/test_identity.py"
INTAKE = "tests/audience/imports/test_sensitive.py"
KIND = "tests/compliance/test_kind.py"
LOOKING = "tests/web/test_looking.py"
MOVING = "tests/audience/moving/test_changes.py"
NOWHERE = "tests/privacy/test_nowhere.py"
OPT_OUT_TRIALS = "tests/delivery/test_opt_out_trials.py"
ORIGIN = "tests/compliance/test_origin.py"
PAGES = "tests/privacy/policy/test_pages.py"
PLACES = "tests/privacy/test_places.py"
POLICY = "tests/web/test_policy.py"
POST = "tests/privacy/letters/test_post.py"
PROCESSORS = "tests/delivery/test_processors.py"
RECIPIENTS = "tests/privacy/test_recipients.py"
RESTRICTION = "tests/privacy/test_restriction.py"
ROUTES = "tests/web/test_access.py"
SEEDS = "tests/compliance/test_receipts.py"
SENDER = "tests/compliance/test_sender.py"
SENDING = "tests/delivery/test_sending.py"
SMTP = "tests/delivery/test_smtp.py"
SWEEPS = "tests/privacy/keeping/test_sweeps.py"
STAFF = "tests/web/test_privacy.py"
SUBJECT = "tests/compliance/test_subject.py"
SUBSCRIBERS = "tests/web/test_subscribers.py"
VERSIONS = "tests/privacy/policy/test_versions.py"

TESTS: dict[str, tuple[str, ...]] = {
    "C1": (
        f"{IDENTITY}::test_a_false_or_doubtful_identity_is_refused",
        f"{SUBJECT}::test_a_pretended_reply_is_refused",
    ),
    "C2": (f"{BODY}::test_a_label_that_is_not_seen_as_one_is_refused",),
    "C3": (
        f"{BODY}::test_an_address_that_is_not_all_there_is_refused",
        f"{SENDER}::test_an_address_that_cannot_be_true_is_refused",
    ),
    "C4": (
        f"{ORIGIN}::test_what_is_unknown_stale_or_broken_refuses",
        f"{ORIGIN}::test_a_service_that_nobody_answers_for_refuses",
        f"{SEEDS}::test_what_the_law_needs_must_arrive",
    ),
    "C5": (
        f"{SENDING}::test_a_reader_who_left_after_queueing_gets_nothing",
        f"{FAULTS}::test_who_leaves_during_a_campaign_gets_nothing_after_that_moment",
    ),
    "C6": (
        f"{BODY}::test_a_link_that_does_not_serve_is_refused",
        f"{BODY}::test_a_link_that_is_not_at_the_bottom_is_refused",
        f"{OPT_OUT_TRIALS}::test_our_own_page_and_post_pass",
    ),
    "C7": (
        f"{POST}::test_who_writes_from_her_address_gets_no_more_mail_of_the_sender",
        f"{POST}::test_the_clock_reads_a_letter_within_seconds",
    ),
    "C8": (f"{KIND}::test_an_editorial_message_that_only_sells_is_refused",),
    "N1": (f"{ARCHIVE}::test_the_proof_of_her_consent_holds_without_naming_our_staff",),
    "N2": (
        f"{SWEEPS}::test_letters_files_and_counts_go_in_their_time",
        f"{SWEEPS}::test_proof_is_blanked_years_later_and_the_chain_holds",
    ),
    "N3": (
        f"{SWEEPS}::test_who_has_left_is_forgotten_a_month_later_and_stays_refused",
        f"{SWEEPS}::test_closing_a_list_is_the_end_of_its_readers",
    ),
    "N4": (f"{SWEEPS}::test_letters_files_and_counts_go_in_their_time",),
    "N5": (f"{SWEEPS}::test_copies_go_after_26_months_and_the_sums_stay",),
    "K1": (
        f"{COOKIES}::test_a_browser_receives_the_cookies_of_the_table_and_no_others",
        f"{PAGES}::test_every_cookie_stands_in_the_table",
    ),
    "K2": (
        f"{COOKIES}::test_a_browser_receives_the_cookies_of_the_table_and_no_others",
        f"{POLICY}::test_everybody_may_read_both_pages_and_gets_no_cookie",
        f"{ROUTES}::test_each_role_gets_in_where_it_may_and_nowhere_else",
    ),
    "D1": (
        f"{ACTS}::test_who_opted_out_is_not_handed_on_in_clear",
        f"{STAFF}::test_without_a_reason_nothing_leaves",
    ),
    "D3": (
        f"{ORIGIN}::test_a_transfer_with_a_basis_or_without_europeans_is_passed",
        f"{PROCESSORS}::test_a_list_says_whom_it_addresses",
    ),
    "R1": (
        f"{HERS}::test_a_copy_is_hers_and_is_noted",
        f"{ARCHIVE}::test_everything_that_happened_to_her_is_in_it",
    ),
    "R2": (f"{MOVING}::test_the_address_changes_when_both_mailboxes_have_pressed_in_any_order",),
    "D2": (
        f"{LOOKING}::test_a_legal_disclosure_names_its_reference_and_who_approved_it",
        f"{LOOKING}::test_a_disclosure_shows_nothing_before_the_approver_has_said_yes_herself",
    ),
    "R3": (
        f"{NOWHERE}::test_no_byte_of_her_is_left_and_everybody_else_is_whole",
        f"{NOWHERE}::test_a_backup_from_before_forgets_her_when_it_is_restored",
        f"{ERASURE}::test_her_address_is_found_nowhere",
        f"{STAFF}::test_an_erased_address_is_in_no_file_of_the_database",
        f"{RECIPIENTS}::test_an_erasure_that_nobody_asked_for_is_passed_on",
    ),
    "R4": (
        f"{RESTRICTION}::test_she_is_in_no_send_and_no_export",
        f"{RESTRICTION}::test_she_is_in_no_segment",
        f"{RECIPIENTS}::test_a_restriction_is_passed_on_beside_the_request_that_wanted_it",
    ),
    "R5": (
        f"{ARCHIVE}::test_the_tables_say_the_same_as_the_data",
        f"{PLACES}::test_the_published_schema_has_the_same_tables_and_columns",
    ),
    "R6": (f"{HERS}::test_an_objection_holds_at_once_and_without_proof",),
    "R7": (f"{HERS}::test_she_restricts_and_objects_and_complains",),
    "R8": (f"{DESK}::test_a_letter_goes_from_receipt_to_answer",),
    "S1": (
        f"{ROUTES}::test_each_role_gets_in_where_it_may_and_nowhere_else",
        f"{FACTOR}::test_after_the_password_the_code_is_asked_and_lets_in",
        f"{FACTOR}::test_half_signed_in_is_a_stranger_on_every_route",
        f"{FACTOR}::test_whoever_must_have_one_reaches_nothing_before",
    ),
    "S2": (
        f"{LOOKING}::test_every_page_about_a_reader_asks_first_and_tells_nothing_of_her",
        f"{LOOKING}::test_the_reason_is_asked_once_and_each_page_is_logged",
    ),
    "S3": (
        f"{SMTP}::test_mail_is_handed_over_encrypted_and_with_the_password",
        f"{ERASURE}::test_both_ledgers_stay_whole_and_say_what_happened",
    ),
    "S4": (
        f"{COLUMNS}::test_a_column_of_sensitive_data_is_known",
        f"{IDENTITIES}::test_a_number_that_proves_what_it_is_is_known",
    ),
    "S5": (
        f"{ACTS}::test_a_list_for_children_needs_somebody_who_vouches",
        f"{INTAKE}::test_a_child_is_left_out_whatever_is_said_of_the_column",
        f"{STAFF}::test_a_child_is_erased_for_that_reason_alone",
    ),
    "B1": (
        f"{CLOCKS}::test_users_hear_within_seven_business_days",
        f"{INCIDENTS}::test_both_clocks_run_from_the_awareness",
        f"{INCIDENTS}::test_a_banner_stands_from_its_first_moment_to_its_last",
    ),
    "B2": (f"{HERS}::test_she_restricts_and_objects_and_complains",),
    "P1": (
        f"{PAGES}::test_a_changed_setting_changes_the_page",
        f"{VERSIONS}::test_a_changed_setting_makes_a_version_of_that_page_alone",
    ),
    "P2": (f"{VERSIONS}::test_a_notice_is_a_lawful_draft_without_advertising",),
}
