"""Names of columns that tell an age, or that only lists of children have."""

BORN = frozenset(
    str.split(
        """
        birthday birthdate birth_date dateofbirth date_of_birth dob born bday geburtstag
        geburtsdatum geb_datum geboren naissance date_naissance date_de_naissance anniversaire
        nacimiento fecha_nacimiento fecha_de_nacimiento nascimento data_de_nascimento
        data_nascimento nascita data_di_nascita data_nascita geboortedatum födelsedatum fødselsdato
        syntymäaika data_urodzenia datum_narození születési_dátum birthyear birth_year year_of_birth
        jahrgang geburtsjahr
        """
    )
)
AGED = frozenset(str.split("age alter âge edad idade età leeftijd ålder alder ikä wiek věk kor"))
SCHOOLED = frozenset(
    str.split(
        """
        grade school class classroom schoolclass klasse schule schulklasse kita kindergarten
        école classe escuela curso colegio escola scuola nursery preschool year_group
        """
    )
)
