"""Headings of columns whose contents a newsletter has no business to know."""

SENSITIVE = {
    "health": frozenset(
        str.split(
            """
            health medical diagnosis disease illness medication disability allergies allergy
            blood_type bloodtype hiv pregnancy gesundheit krankheit diagnose behinderung allergien
            blutgruppe santé sante maladie handicap salud enfermedad salute malattia gezondheid
            """
        )
    ),
    "a payment card or bank account": frozenset(
        str.split(
            """
            card_number cardnumber credit_card creditcard cc_number ccnumber cvv cvc iban
            bank_account account_number kreditkarte kreditkartennummer kontonummer tarjeta
            carte_bancaire carta_di_credito
            """
        )
    ),
    "a national id": frozenset(
        str.split(
            """
            ssn social_security social_security_number national_id nationalid passport
            passport_number id_number tax_id taxid nino aadhaar cpf dni nif bsn pesel
            codice_fiscale sozialversicherungsnummer ausweisnummer personalausweis steuer_id
            numéro_de_sécurité_sociale driver_license drivers_license
            """
        )
    ),
    "belief, opinion or origin": frozenset(
        str.split(
            """
            religion religious_belief ethnicity political_opinion political_party
            sexual_orientation trade_union union_membership biometric genetic criminal_record
            konfession ethnie sexuelle_orientierung gewerkschaft vorstrafen
            """
        )
    ),
    "a password": frozenset(str.split("password passwd pwd passwort kennwort")),
}
