"""What is said of a file, in French: rules for the sentences that reading and preparing it make (``retold``).

What stands in braces is said in ``retold``: ``n`` is a number, ``say`` words with a rule of their own, a name of
``CHOICES`` one of its words.
"""

from __future__ import annotations

from forecasting.report.french_notes import NOTES

CHOICES: dict[str, dict[str, str]] = {
    "kind": {
        "duplicate": "doublon", "off grid": "hors du pas", "not finite": "valeur infinie", "gap": "trou",
        "stale item": "série arrêtée", "dead meter": "compteur mort", "ragged last day": "dernier jour incomplet",
        "constant": "série constante", "empty": "série vide", "incomplete": "intervalle incomplet",
        "negative": "valeur négative", "zero run": "suite de zéros", "stuck": "compteur figé",
        "unit jump": "changement d'unité", "reset": "remise à zéro", "level shift": "changement de niveau",
        "clock shift": "horloge décalée", "spike": "pic", "glitch": "raté", "outage": "coupure",
    },
    "one": {"reading": "relevé", "step": "pas", "interval": "intervalle"},
    "many": {"readings": "relevés", "steps": "pas", "intervals": "intervalles"},
    "done": {"averaged": "remplacé par la moyenne", "left out": "écarté", "left empty": "laissé vide",
             "kept": "gardé"},
    "alldone": {"averaged": "remplacés par la moyenne", "left out": "écartés", "left empty": "laissés vides",
                "kept": "gardés"},
    "what": {
        "time column": "colonne des temps", "item column": "colonne des séries", "target": "cible", "step": "pas",
        "stamps": "horodatage", "time zone": "fuseau horaire", "day and month": "jour et mois", "sheet": "feuille",
        "register": "index de compteur", "table": "table", "decimal mark": "marque décimale",
        "separator": "séparateur", "unit": "unité",
    },
    "end": {"missing": "relevés manquants", "held": "valeur longtemps constante", "stuck": "compteur figé",
            "zero run": "suite de zéros"},
    "more": {"more": "de plus", "less": "de moins"},
    "how": {"for one reading": "pour un seul relevé", "at once": "d'un coup",
            "at once, and back at once": "d'un coup, et retour d'un coup"},
    "early": {"early": "en avance", "late": "en retard"},
    "by": {"mean": "moyenne", "sum": "somme"},
    "added": {"added up": "additionnés", "averaged": "moyennés"},
    "side": {"end": "fin", "start": "début"},
    "dates": {"day first": "jour d'abord", "month first": "mois d'abord"},
    "place": {"row": "ligne", "rows": "lignes", "line": "ligne", "lines": "lignes", "record": "enregistrement"},
    "mark": {"semicolons": "des points-virgules", "tabs": "des tabulations",
             "vertical bars": "des barres verticales"},
    "sign": {"point": "le point", "comma": "la virgule"},
    "column": {"text": "de texte", "empty": "vide"},
    "clock": {
        "Central Europe": "l'Europe centrale", "Eastern Europe": "l'Europe de l'Est",
        "Great Britain, Ireland and Portugal": "la Grande-Bretagne, l'Irlande et le Portugal",
        "the East of the United States": "l'est des États-Unis",
        "the middle of the United States": "le centre des États-Unis",
        "the mountains of the United States": "les montagnes des États-Unis",
        "the West of the United States": "l'ouest des États-Unis", "the East of Australia": "l'est de l'Australie",
        "the South of Australia": "le sud de l'Australie", "New Zealand": "la Nouvelle-Zélande",
    },
    "time": {
        "Central European time": "heure d'Europe centrale", "Western European time": "heure d'Europe de l'Ouest",
        "British time": "heure britannique", "Eastern European time": "heure d'Europe de l'Est",
        "Turkish time": "heure de Turquie", "UTC": "UTC",
    },
    "ahead": {"the day-ahead forecast": "la prévision de la veille", "the week-ahead forecast":
              "la prévision de la semaine d'avant", "the month-ahead forecast": "la prévision du mois d'avant",
              "the year-ahead forecast": "la prévision de l'année d'avant",
              "the intraday forecast": "la prévision du jour même"},
    "weather": {"temperature": "température", "humidity": "humidité", "wind": "vent",
                "wind_speed": "vitesse du vent",
                "rain": "pluie", "sun": "soleil", "pressure": "pression", "clouds": "nuages"},
}  # fmt: skip

_FINDINGS = {
    "{item}, {kind} at {when} UTC: 1 {one} {done} ({say}; {option}).":
        "{item}, {kind} le {when} UTC : 1 {one} {done} ({say} ; {option}).",
    "{item}, {kind} at {when} UTC: 1 {one} {done} ({say}).":
        "{item}, {kind} le {when} UTC : 1 {one} {done} ({say}).",
    "{item}, {kind} from {when} to {until} UTC: 1 {one} {done} ({say}; {option}).":
        "{item}, {kind} du {when} au {until} UTC : 1 {one} {done} ({say} ; {option}).",
    "{item}, {kind} from {when} to {until} UTC: 1 {one} {done} ({say}).":
        "{item}, {kind} du {when} au {until} UTC : 1 {one} {done} ({say}).",
    "{item}, {kind} at {when} UTC: {n} {many} {alldone} ({say}; {option}).":
        "{item}, {kind} le {when} UTC : {n} {many} {alldone} ({say} ; {option}).",
    "{item}, {kind} at {when} UTC: {n} {many} {alldone} ({say}).":
        "{item}, {kind} le {when} UTC : {n} {many} {alldone} ({say}).",
    "{item}, {kind} from {when} to {until} UTC: {n} {many} {alldone} ({say}; {option}).":
        "{item}, {kind} du {when} au {until} UTC : {n} {many} {alldone} ({say} ; {option}).",
    "{item}, {kind} from {when} to {until} UTC: {n} {many} {alldone} ({say}).":
        "{item}, {kind} du {when} au {until} UTC : {n} {many} {alldone} ({say}).",
}  # fmt: skip

_DETAILS = {
    "no reading": "pas de relevé",
    "no reading since {when} UTC, for more than {n} steps": "pas de relevé depuis le {when} UTC, plus de {n} pas",
    "no reading, for more than {n} steps": "pas de relevé, plus de {n} pas",
    "no sound reading since {when} UTC: {says}; more than {n} steps":
        "pas de relevé valide depuis le {when} UTC : {says} ; plus de {n} pas",
    "no sound reading: {says}; more than {n} steps": "pas de relevé valide : {says} ; plus de {n} pas",
    "{end}": "{end}",
    "{kind}": "{kind}",
    "{n1} stretches, the longest of {n2} from {when} UTC: {say}":
        "{n1} passages, le plus long de {n2} à partir du {when} UTC : {say}",
    "the last day has {n1} of {n2} steps, and the forecast begins within it":
        "le dernier jour a {n1} pas sur {n2}, et la prévision commence dans ce jour",
    "not all readings of {short} are there to make {long}":
        "il manque des relevés de {short} pour faire {long}",
    "the first or last of {long}: not all readings of {short} are there":
        "le premier ou le dernier de {long} : il manque des relevés de {short}",
    "infinite in the column {name}": "infini dans la colonne {name}",
    "not at the start of a step of {freq}": "pas au début d'un pas de {freq}",
    "copies of another row": "copies d'une autre ligne",
    "another row of the same stamp has other values; the first is kept":
        "une autre ligne du même instant a d'autres valeurs ; la première est gardée",
    "another row of the same stamp has other values": "une autre ligne du même instant a d'autres valeurs",
    "down to {n1} in a series whose lowest hundredth lies at {n2} of its median of {n3}":
        "jusqu'à {n1}, dans une série dont le centième le plus bas est à {n2} de sa médiane de {n3}",
    "0 in a series that is hardly ever 0 and whose lowest hundredth lies at {n1} of its median of {n2}":
        "0 dans une série qui n'est presque jamais à 0 et dont le centième le plus bas est à {n1} de sa médiane de "
        "{n2}",
    "{n1} throughout, where {n2} times in a row is too many: of the readings before, {n3} repeat the last":
        "{n1} tout du long, alors que {n2} fois de suite est trop : parmi les relevés d'avant, {n3} répètent le "
        "précédent",
    "at {n1} and still on; forecasts stay there for {n2} more steps":
        "à {n1}, et dure encore ; les prévisions y restent pendant {n2} pas de plus",
    "at {n1} for {n2} readings, and back; the lowest hundredth of the year before was {n3}":
        "à {n1} pendant {n2} relevés, puis de retour ; le centième le plus bas de l'année d'avant était à {n3}",
    "{n1} times {more} than at the same hours before": "{n1} fois {more} qu'aux mêmes heures avant",
    "in another unit than all that follows, which is {n1} times {more}":
        "dans une autre unité que tout ce qui suit, qui vaut {n1} fois {more}",
    "from {n1} down to {n2} and evenly up to {n3}": "de {n1} descendu à {n2}, puis remonté régulièrement à {n3}",
    "{n1} {more} from one hour to the next, {n2} of the {n3} usual at these hours; it may be real":
        "{n1} {more} d'une heure à l'autre, soit {n2} des {n3} habituels à ces heures ; ce peut être réel",
    "{n1} {more} from one hour to the next; it may be real": "{n1} {more} d'une heure à l'autre ; ce peut être réel",
    "{n1} {more} than usual at this hour, {how}, and outside of what these hours held for {n2} days":
        "{n1} {more} que d'habitude à cette heure, {how}, et hors de ce que ces heures ont tenu pendant {n2} jours",
    "{n1} days an hour {early}, and not the days around: shifted by an hour they fit the weeks before {n2} times "
    "as well":
        "{n1} jours une heure {early}, et non les jours autour : décalés d'une heure, ils suivent {n2} fois mieux "
        "les "
        "semaines d'avant",
    "{n1} days an hour {early}, and not the days around: by the hour, they are more likely what the weeks before "
    "held "
    "an hour beside":
        "{n1} jours une heure {early}, et non les jours autour : heure par heure, ils ressemblent plus à ce que les "
        "semaines d'avant tenaient une heure à côté",
    "{n1}, far outside of the bulk of the first {n2} readings": "{n1}, loin du gros des {n2} premiers relevés",
    "{n1} lies {n2} times as far from the median of {n3} as any reading before (limit {n4})":
        "{n1} est {n2} fois plus loin de la médiane de {n3} que tout relevé d'avant (limite {n4})",
    "{n1} between {n2} and {n3}, {n4} times as far from both as any reading before (limit {n5})":
        "{n1} entre {n2} et {n3}, {n4} fois plus loin des deux que tout relevé d'avant (limite {n5})",
}  # fmt: skip

_DECISIONS = {
    "{what}: {side} ({say}; {option})": "{what} : {side} ({say} ; {option})",
    "{what}: {dates} ({say}; {option})": "{what} : {dates} ({say} ; {option})",
    "register: differences between its readings ({say}; {option})":
        "index de compteur : différences entre ses relevés ({say} ; {option})",
    "{what}: {value} ({say}; {option})": "{what} : {value} ({say} ; {option})",
    "{what}: {most} ({say}; {option})": "{what} : {most} ({say} ; {option})",
    "{freq} of {short}: by {by} (the target is in {unit}; --aggregate-how)":
        "{freq} à partir de {short} : par {by} (la cible est en {unit} ; --aggregate-how)",
    "horizon: {n} steps of {freq} (one day, or one season; --horizon)":
        "horizon : {n} pas de {freq} (un jour, ou une saison ; --horizon)",
    "past-only columns: {names} (their future is not known; --known, --weather or --ignore)":
        "colonnes du passé seul : {names} (leur avenir n'est pas connu ; --known, --weather ou --ignore)",
    "holidays: none (no country was named; --country)": "jours fériés : aucun (aucun pays n'est nommé ; --country)",
    "school holidays: none (no calendar has any for {country} from {year} to {until}; --school)":
        "vacances scolaires : aucunes (aucun calendrier n'en a pour {country} de {year} à {until} ; --school)",
    "school holidays: those of {country} for {year} to {until}; {years} as the same dates of the others (--school "
    "ZONE "
    "or none)":
        "vacances scolaires : celles de {country} de {year} à {until} ; {years} comme les mêmes dates des autres "
        "(--school ZONE ou none)",
    "school holidays: those of {country} for {year} to {until} (--school ZONE or none)":
        "vacances scolaires : celles de {country} de {year} à {until} (--school ZONE ou none)",
    "weather of the horizon: {mode} ({say}; --weather-mode)": "météo de l'horizon : {mode} ({say} ; --weather-mode)",
    "weather: left out (on the {n1} windows that choose, the error with it is {n2} of copying's, without it {n3}; "
    "--weather-mode)":
        "météo : laissée de côté (sur les {n1} fenêtres de choix, l'erreur avec elle est {n2} fois celle de la "
        "copie, "
        "sans elle {n3} ; --weather-mode)",
    "weather is learnt from {names} (chosen on the selection windows)":
        "ce que fait la météo est appris de : {names} (choisi sur les fenêtres de choix)",
    "events are known seven days ahead: {names} (column known_from)":
        "les événements sont connus sept jours à l'avance : {names} (colonne known_from)",
}  # fmt: skip

_REASONS = {
    "forecasts of the weather were kept; each window sees those that were available when it is issued":
        "des prévisions météo ont été gardées ; chaque fenêtre voit celles qui étaient disponibles à son émission",
    "no weather forecast is at hand, so it is made from the observations up to each cutoff":
        "aucune prévision météo n'est disponible, elle est donc faite des observations jusqu'à chaque coupure",
    "a forecast of the weather is at hand, but none was kept for the windows that judge; past forecasts are "
    "simulated, "
    "as wrong as real ones":
        "une prévision météo est disponible, mais aucune n'a été gardée pour les fenêtres qui jugent ; les "
        "prévisions "
        "passées sont simulées, aussi fausses que les vraies",
    "the index or its name says so": "l'index ou son nom le dit",
    "its name says so": "son nom le dit",
    "its name says UTC": "son nom dit UTC",
    "its name says start": "son nom dit début",
    "its name": "son nom",
    "the only column of dates": "la seule colonne de dates",
    "the only column of dates that tells the rows apart and does not name an end":
        "la seule colonne de dates qui distingue les lignes et ne nomme pas une fin",
    "the only column of numbers": "la seule colonne de nombres",
    "the only one in the database": "la seule de la base",
    "the dates could be read both ways; AM and PM go with the month first":
        "les dates se lisent des deux façons ; AM et PM vont avec le mois d'abord",
    "the dates could be read both ways": "les dates se lisent des deux façons",
    "only this way are the steps regular": "de cette façon seule les pas sont réguliers",
    "{n} of the steps": "{n} des pas",
    "the times carry it": "les temps le portent",
    "the times carry an offset but no zone": "les temps portent un décalage mais pas de fuseau",
    "the times carry no offset": "les temps ne portent pas de décalage",
    "the times are in UTC and name no zone of the calendar": "les temps sont en UTC et ne nomment aucun fuseau",
    "the header {name} says so; each time was moved to the start of its step":
        "l'en-tête {name} le dit ; chaque temps a été ramené au début de son pas",
    "midnight is written 24:00; each time was moved to the start of its step":
        "minuit s'écrit 24:00 ; chaque temps a été ramené au début de son pas",
    "the day ends at 00:00; each time was moved to the start of its step":
        "le jour finit à 00:00 ; chaque temps a été ramené au début de son pas",
    "{say}; each time was moved to the start of its step": "{say} ; chaque temps a été ramené au début de son pas",
    "{name} names the end of each interval": "{name} nomme la fin de chaque intervalle",
    "{name} names the end of each hour": "{name} nomme la fin de chaque heure",
    "the header says so": "l'en-tête le dit",
    "the days begin at 00:00": "les jours commencent à 00:00",
    "the day ends at 00:00": "le jour finit à 00:00",
    "the first time is the first moment of the period": "le premier temps est le premier instant de la période",
    "the hour of {when} stands twice, as on the clock of {clock}":
        "l'heure du {when} figure deux fois, comme à l'horloge de {clock}",
    "the hour of {when} is missing, as on the clock of {clock}":
        "l'heure du {when} manque, comme à l'horloge de {clock}",
    "the step changes on {when} UTC ({steps}); the longest holds for all of it, the shorter ones were {added}":
        "le pas change le {when} UTC ({steps}) ; le plus long vaut pour tout, les plus courts ont été {added}",
    "the step changes ({steps}); the longest holds for all of it, the shorter ones were {added}":
        "le pas change ({steps}) ; le plus long vaut pour tout, les plus courts ont été {added}",
    "{name} is called a register and rises in {n} of its steps":
        "{name} porte le nom d'un index et monte à {n} de ses pas",
    "{name} is blank at every quarter past and to the hour":
        "{name} est vide à chaque quart et trois quarts d'heure",
    "the first with times, of {names}": "la première avec des temps, parmi {names}",
    "the first that is filled, of {names}": "la première remplie, parmi {names}",
    "{n} of the times stand in several rows, and it tells them apart":
        "{n} des temps figurent dans plusieurs lignes, et elle les distingue",
    "the file is {say}": "le fichier est {say}",
    "an export of Enedis' portal": "un export du portail d'Enedis",
    "an export of the EDF client area": "un export de l'espace client d'EDF",
    "an export of the ENTSO-E platform": "un export de la plateforme ENTSO-E",
    "an Enedis export of a meter": "un export Enedis d'un compteur",
    "a load curve of Enedis for businesses (R63)": "une courbe de charge d'Enedis pour entreprises (R63)",
    "an answer of eCO2mix": "une réponse d'éCO2mix",
    "an answer of the EIA": "une réponse de l'EIA",
    "a document of the ENTSO-E platform": "un document de la plateforme ENTSO-E",
    "a Green Button feed": "un flux Green Button",
    "a table of the Australian market operator AEMO": "un tableau de l'opérateur australien AEMO",
    "a table of the American market operator PJM": "un tableau de l'opérateur américain PJM",
    "a table with a row a day and a column for every hour of it":
        "un tableau d'une ligne par jour et d'une colonne par heure",
    "PJM keeps the clock of the East": "PJM suit l'horloge de l'est",
    "the feed is {hours} from UTC and changes its clock": "le flux est à {hours} de UTC et change d'heure",
    "the market keeps UTC+10 all year": "le marché garde UTC+10 toute l'année",
    "EDF serves mainland France": "EDF sert la France métropolitaine",
    "Enedis serves mainland France": "Enedis sert la France métropolitaine",
    "eCO2mix is the load of France": "éCO2mix est la charge de la France",
    "EIA counts its hours in UTC": "l'EIA compte ses heures en UTC",
    "the times are in {time}, as the header {name} says": "les temps sont en {time}, selon l'en-tête {name}",
}  # fmt: skip

RULES: dict[str, str] = {**_FINDINGS, **_DETAILS, **_DECISIONS, **_REASONS, **NOTES}
