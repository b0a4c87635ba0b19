"""Headings of columns whose contents a newsletter has no business to know, in six languages."""

HEALTH, BELIEF = "health", "belief, opinion or origin"

# In this order: of a name that tells two kinds, the one counts that nobody may keep.
SENSITIVE = {
    "a payment card or bank account": frozenset(
        str.split(
            """
            card_number cardnumber credit_card creditcard debit_card cc_number ccnumber cvv cvc cvv2
            iban bic_iban bank_account account_number sort_code routing_number
            kreditkarte kreditkartennummer kontonummer bankverbindung kartennummer
            carte_bancaire numero_de_carte numero_carte carte_de_credit compte_bancaire
            tarjeta tarjeta_de_credito numero_de_tarjeta cuenta_bancaria
            carta_di_credito numero_carta conto_corrente conto_bancario
            kaartnummer creditcardnummer rekeningnummer bankrekening
            """
        )
    ),
    "a national id": frozenset(
        str.split(
            """
            ssn social_security social_security_number national_id nationalid passport
            passport_number passport_no id_number id_card tax_id taxid nino national_insurance
            national_insurance_number aadhaar cpf pesel driver_license drivers_license
            driving_licence driver_licence
            sozialversicherungsnummer svnr sv_nummer ausweisnummer personalausweis reisepass
            passnummer steuer_id steueridnr steueridentifikationsnummer fuehrerschein
            führerscheinnummer
            nir numero_de_securite_sociale numero_securite_sociale securite_sociale passeport
            carte_d_identite carte_identite numero_fiscal permis_de_conduire
            dni nif nie numero_de_identidad documento_de_identidad pasaporte seguridad_social
            codice_fiscale carta_d_identita carta_identita passaporto tessera_sanitaria
            bsn burgerservicenummer paspoort paspoortnummer rijksregisternummer rijbewijs
            """
        )
    ),
    "a password": frozenset(
        str.split(
            """
            password passwd pwd passwort kennwort mot_de_passe contraseña contrasena wachtwoord
            parola_d_ordine
            """
        )
    ),
    HEALTH: frozenset(
        str.split(
            """
            health medical diagnosis disease illness medication disability allergies allergy
            blood_type bloodtype blood_group hiv pregnancy pregnant patient vaccination
            gesundheit krankheit krankheiten diagnose behinderung allergien allergie blutgruppe
            schwanger schwangerschaft krankenkasse impfstatus medikamente pflegegrad schwerbehindert
            sante maladie handicap groupe_sanguin enceinte grossesse traitement_medical
            salud enfermedad alergia alergias discapacidad grupo_sanguineo embarazo diagnostico
            salute malattia malattie allergie disabilita gruppo_sanguigno gravidanza diagnosi
            gezondheid ziekte allergieen handicap bloedgroep zwanger beperking medicatie
            """
        )
    ),
    BELIEF: frozenset(
        str.split(
            """
            religion religious_belief religious_beliefs faith ethnicity ethnic_origin ethnic_group
            racial_origin political_opinion political_opinions political_party party_membership
            sexual_orientation sexuality trade_union union_membership union_member biometric
            biometrics genetic criminal_record criminal_convictions
            konfession religionszugehörigkeit ethnie ethnische_herkunft sexuelle_orientierung
            gewerkschaft gewerkschaftsmitglied parteimitglied parteizugehörigkeit
            politische_meinung biometrisch vorstrafen kirchenmitglied
            confession origine_ethnique orientation_sexuelle syndicat opinion_politique
            opinions_politiques parti_politique casier_judiciaire biometrie
            origen_etnico orientacion_sexual sindicato afiliacion_sindical opinion_politica
            partido_politico antecedentes_penales biometria
            religione credo_religioso origine_etnica orientamento_sessuale sindacato
            opinione_politica partito_politico precedenti_penali
            religie geloofsovertuiging geloof etniciteit etnische_afkomst seksuele_geaardheid
            seksuele_orientatie vakbond vakbondslid politieke_voorkeur politieke_partij strafblad
            biometrisch
            """
        )
    ),
}
# What people may expressly agree to; numbers of cards, identities and passwords nobody needs.
ALLOWED = frozenset({HEALTH, BELIEF})
