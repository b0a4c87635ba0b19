"""Days, months and small numbers as they are called in the languages of our readers."""

# From January to December; a trailing * stands for any ending.
MONTHS = (
    (
        "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari stycz* янв* "
        "tammi*"
    ),
    "february feb februar février févr febrero febbraio fevereiro februari luty lutego фев* helmi*",
    "march mar märz mars marzo março maart marts marca marzec март* maalis*",
    "april apr avril avr abril abr aprile kwie* апр* huhti*",
    "may mai mayo maggio mag maio mei maj maja мая май touko*",
    "june jun juni juin junio giugno giu junho czerw* июн* kesä*",
    "july jul juli juillet juil julio luglio lug julho lip* июл* heinä*",
    "august aug août agosto ago augustus augusti sierp* авг* elo*",
    "september sep sept septembre septiembre settembre set setembro wrze* сен* syys*",
    "october oct oktober okt octobre octubre ottobre ott outubro paźdz* окт* loka*",
    "november nov novembre noviembre novembro listop* ноя* marras*",
    (
        "december dec dezember dez décembre déc diciembre dic dicembre dezembro desember grud* "
        "дек* joulu*"
    ),
)
# From Monday to Sunday.
WEEKDAYS = (
    (
        "monday mon montag lundi lunes lunedì segunda maandag måndag mandag poniedzia* понедельн* "
        "maanantai*"
    ),
    (
        "tuesday tue tues dienstag mardi martes martedì terça dinsdag tisdag tirsdag wtor* вторн* "
        "tiistai*"
    ),
    (
        "wednesday wed mittwoch mercredi miércoles mercoledì quarta woensdag onsdag środ* сред* "
        "keskiviik*"
    ),
    (
        "thursday thu thur thurs donnerstag jeudi jueves giovedì quinta donderdag torsdag czwart* "
        "четверг* torstai*"
    ),
    "friday fri freitag vendredi viernes venerdì sexta vrijdag fredag piąt* пятниц* perjantai*",
    (
        "saturday sat samstag sonnabend samedi sábado sabato zaterdag lördag lørdag sobot* "
        "суббот* lauantai*"
    ),
    (
        "sunday sun sonntag dimanche domingo domenica zondag söndag søndag niedziel* воскресень* "
        "sunnuntai*"
    ),
)
# From one to twelve; a word that also means "a" is left out.
NUMBERS = (
    "one uno eins",
    "two zwei deux dos due dois duas twee två dwa dwie два две kaksi",
    "three drei trois tres tre três drie tre trzy три kolme",
    "four vier quatre cuatro quattro quatro vier fyra fire cztery четыре neljä",
    "five fünf cinq cinco cinque vijf fem pięć пять viisi",
    "six sechs seis sei zes sex seks sześć шесть kuusi",
    "seven sieben sept siete sette sete zeven sju syv siedem семь",
    "eight acht huit ocho otto oito åtta otte osiem восемь",
    "nine neun neuf nueve nove negen nio ni dziewięć девять",
    "ten zehn dix diez dieci dez tien tio ti dziesięć десять",
    "eleven elf onze once undici elva elleve jedenaście",
    "twelve zwölf douze doce dodici doze twaalf tolv dwanaście",
)
