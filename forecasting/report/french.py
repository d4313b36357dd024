"""The report in French: every sentence of the rules, keyed by the English one.

``tests/forecasting/report/test_language.py`` holds that none is missing, that none is left over, and that each has
the same names in braces.
"""

from __future__ import annotations

from forecasting.report.french_page import PAGE
from forecasting.report.french_plain import PLAIN
from forecasting.report.french_weather import WEATHER

#: Singular and plural of the nouns that are counted.
NOUNS: dict[str, tuple[str, str]] = {
    "second": ("seconde", "secondes"),
    "minute": ("minute", "minutes"),
    "hour": ("heure", "heures"),
    "day": ("jour", "jours"),
    "working day": ("jour ouvré", "jours ouvrés"),
    "week": ("semaine", "semaines"),
    "month": ("mois", "mois"),
    "quarter": ("trimestre", "trimestres"),
    "year": ("année", "années"),
    "step": ("pas", "pas"),
    "window": ("fenêtre", "fenêtres"),
    "item": ("série", "séries"),
    "error": ("écart", "écarts"),
    "reading": ("relevé", "relevés"),
    "candidate": ("candidat", "candidats"),
}

_TIME = {
    "Mon": "lun.", "Tue": "mar.", "Wed": "mer.", "Thu": "jeu.", "Fri": "ven.", "Sat": "sam.", "Sun": "dim.",
    "Jan": "janv.", "Feb": "févr.", "Mar": "mars", "Apr": "avr.", "May": "mai", "Jun": "juin",
    "Jul": "juil.", "Aug": "août", "Sep": "sept.", "Oct": "oct.", "Nov": "nov.", "Dec": "déc.",
    "Q{quarter} {year}": "T{quarter} {year}",
    ", times in {zone}": ", heures de {zone}",
    "hour of day ({zone})": "heure du jour ({zone})",
}  # fmt: skip

_NUMBERS = {
    "trillion ": "billions de ",
    "billion ": "milliards de ",
    "million ": "millions de ",
    "thousand ": "milliers de ",
    "under {smallest} %": "moins de {smallest} %",
    "under {seconds} s": "moins de {seconds} s",
    "over 99 %": "plus de 99 %",
    "units of {target}": "unités de {target}",
    "{ratio} times": "{ratio} fois",
    "n/a": "s. o.",
    "{low} to {high}": "{low} à {high}",
    " between {low} and {high} {unit}": " entre {low} et {high} {unit}",
    " of {span}": " de {span}",
    " of {items}": " de {items}",
    " and ": " et ",
    "{some} and {last}": "{some} et {last}",
    "{share} % band": "bande à {share} %",
}

_RESULT = {
    "Beware": "Attention",
    "This forecast starts from old readings and is flagged stale_input.": (
        "Cette prévision part de relevés anciens et porte la marque stale_input."
    ),
    "The last sound reading{of} is of {time}; {span} after it hold none.":
        "Le dernier relevé valide{of} est de {time} ; {span} depuis n'en ont aucun.",
    "{name} has been off since {time}. The forecast allows for both: that it stays off, as likely as not for "
    "{span} or more, and that it is back before.":
        "{name} est à l'arrêt depuis {time}. La prévision tient compte des deux cas : que l'arrêt dure, une fois "
        "sur deux {span} ou plus, et qu'il finisse avant.",
    "No reading{of} is sound.": "Aucun relevé{of} n'est valide.",
    " of {item}": " de {item}",
    "So it is for {items} more.": "Il en va de même pour {items} de plus.",
    "Forecast of {target}": "Prévision de {target}",
    "Result": "Résultat",
    "What is forecast": "Ce qui est prévu",
    "How far off": "Précision",
    "How sure": "Fiabilité",
    "At its worst": "Au pire",
    "What weather is worth": "Ce que vaut la météo",
    "The input": "Les données",
    "What limits it": "Ses limites",
    "What would help": "Ce qui aiderait",
    "Usually off by": "Écart habituel",
    "Against {naive}": "Face à : {naive}",
    "Inside the 80 % band": "Dans la bande à 80 %",
    "Measured on the last": "Mesuré sur les dernières",
    "which is off by {off}": "qui s'écarte de {off}",
    "{inside} of {checked}; expected: 80 %": "{inside} sur {checked} ; attendu : 80 %",
    "of {span}, {first} to {last}": "de {span}, {first} à {last}",
    "{share} of the mean reading": "{share} du relevé moyen",
    "{span} ahead": "{span} à l'avance",
    "{target}{of} is forecast for the next {span}": "Prévision de {target}{of} sur {span}",
    ", from {first} to {last} ({zone}).": ", de {first} à {last} ({zone}).",
    ", from {first} to {last}.": ", de {first} à {last}.",
    "repeating yesterday": "répéter la veille",
    "repeating last week": "répéter la semaine passée",
    "repeating last year": "répéter l'année passée",
    "repeating the last {number} steps": "répéter les {number} derniers pas",
    "repeating the last reading": "répéter le dernier relevé",
    "How far off it usually is has not been measured: the history is too short to keep windows aside.":
        "L'écart habituel n'a pas été mesuré : l'historique est trop court pour mettre des fenêtres de côté.",
    "How far off it usually is has not been measured: the final windows hold no sound reading.":
        "L'écart habituel n'a pas été mesuré : les fenêtres finales ne contiennent aucun relevé valide.",
    "The forecast is usually off by {mae}{share}{against}, measured on {windows}{each}, "
    "which took no part in any choice.":
        "La prévision s'écarte d'habitude de {mae}{share}{against} ; mesuré sur {windows}{each}, "
        "qui n'ont servi à aucun choix.",
    "the last {span}": "la fin de l'historique ({span})",
    "the last {windows} of {span}": "les dernières {windows} de {span}",
    "not compared": "non comparé",
    "no real difference": "pas de vraie différence",
    "more error": "plus d'erreur",
    "{change} less error": "{change} d'erreur en moins",
    "{change} more error": "{change} d'erreur en plus",
    "as good": "équivalent",
    "; {naive} would be off by {off}: {difference}": " ; {naive} s'écarterait de {off} : {difference}",
    ", so the forecast is no better than {naive}": ", la prévision ne fait donc pas mieux que {naive}",
    ", so {naive} is the better forecast here": ", {naive} est donc ici la meilleure prévision",
    "That is a single window: the next ones may well turn out otherwise.":
        "Ce n'est qu'une seule fenêtre : les suivantes peuvent fort bien tourner autrement.",
    "That is only {windows}: the next ones may well turn out otherwise.":
        "Ce n'est que {windows} : les suivantes peuvent fort bien tourner autrement.",
    "It leans high: on average it lies {off} above what came.":
        "Elle penche vers le haut : en moyenne {off} au-dessus de ce qui est venu.",
    "It leans low: on average it lies {off} below what came.":
        "Elle penche vers le bas : en moyenne {off} au-dessous de ce qui est venu.",
    "Whether the 80 % band holds what it says has not been checked.":
        "La tenue de la bande à 80 % n'a pas été vérifiée.",
    "Of {checked}, {inside} ({share}) fell inside the 80 % band.":
        "Sur {checked}, {inside} ({share}) se trouvent dans la bande à 80 %.",
    "The band is too narrow: expect surprises more often than it says.":
        "La bande est trop étroite : attendez-vous à plus de surprises qu'elle ne le dit.",
    "The band is wider than it needs to be.": "La bande est plus large que nécessaire.",
    "The band has no width: readings have repeated exactly so far. The first that does not lies outside.":
        "La bande est sans largeur : les relevés se sont répétés exactement jusqu'ici. "
        "Le premier qui ne se répète pas est en dehors.",
    "It is at its worst around {time}: off by {off} there.": "Elle est au pire vers {time} : {off} d'écart.",
    "It is at its worst {ahead} ahead: off by {off} there.": "Elle est au pire {ahead} à l'avance : {off} d'écart.",
    "{some} is missing": "{some} manque",
    "{some} are missing": "{some} manquent",
    "{some} was left out as faulty": "{some} a été écarté comme défectueux",
    "{some} were left out as faulty": "{some} ont été écartés comme défectueux",
    "Of {readings} of history, {lost}.": "Sur {readings} d'historique, {lost}.",
    "The input is sound: none of {readings} is missing or was left out.":
        "Les données sont saines : sur {readings}, rien ne manque et rien n'a été écarté.",
    "{lost} of the readings cannot be used: more sound readings would help.":
        "{lost} des relevés sont inutilisables : davantage de relevés valides aideraient.",
    "The history covers {days}, less than a year: the seasons of the year cannot be learnt from it, "
    "a longer history would help.":
        "L'historique couvre {days}, moins d'un an : les saisons de l'année ne peuvent pas en être apprises, "
        "un historique plus long aiderait.",
    "Up to {span} before the forecast hold": "Juste avant la prévision, jusqu'à {span} ne contiennent",
    "The last {noun} before the forecast holds": "Juste avant la prévision, 1 {noun} ne contient",
    "The last {span} before the forecast hold": "Juste avant la prévision, {span} ne contiennent",
    " no sound reading: it starts from older ones, newer readings would help.":
        " aucun relevé valide : elle part de plus anciens, des relevés plus récents aideraient.",
    "No weather was used: a change that comes with the weather is not foreseen.":
        "Aucune météo n'a été utilisée : un changement dû au temps n'est pas anticipé.",
    "The weather ahead is estimated from past weather, not taken from a weather forecast: "
    "a sudden change of weather is not foreseen.":
        "La météo à venir est estimée d'après la météo passée, non tirée d'une prévision météo : "
        "un changement brusque du temps n'est pas anticipé.",
    "The weather that really came was used: no live forecast can know it, so the scores are an upper bound.":
        "La météo réellement survenue a été utilisée : aucune prévision réelle ne peut la connaître, "
        "ces scores sont donc une borne supérieure.",
}  # fmt: skip

_LUCK = {
    "{days} are too few to tell whether that is luck.": "{days}, c'est trop peu pour dire si c'est un hasard.",
    "That may be luck: chance alone makes a difference as large in {chance} of cases.":
        "C'est peut-être un hasard : le hasard seul fait une différence aussi grande dans {chance} des cas.",
    "That is not luck: chance alone would do it in {chance} of cases.":
        "Ce n'est pas un hasard : le hasard seul le ferait dans {chance} des cas.",
    "That is not luck: chance alone would do it in {chance} of cases. Likely size: {low} to {high}.":
        "Ce n'est pas un hasard : le hasard seul le ferait dans {chance} des cas. Taille probable : {low} à "
        "{high}.",
    "Newer sound readings of {items}.": "Des relevés valides plus récents de {items}.",
    "The holidays of a country (--country).": "Les jours fériés d'un pays (--country).",
    "Weather, where the readings follow it (--place or --weather).":
        "La météo, si les relevés la suivent (--place ou --weather).",
    "A longer history, so that it can be tested on more windows.":
        "Un historique plus long, pour un test sur plus de fenêtres.",
    " and more": " et d'autres",
    "The input is not sound: the readings stopped or stuck at the end, the forecast is flagged.":
        "Les données ne sont pas saines : les relevés se sont arrêtés ou figés à la fin, la prévision est signalée.",
    "The input is not sound: the readings of {items} stopped or stuck, their forecasts are flagged.":
        "Les données ne sont pas saines : les relevés de {items} se sont arrêtés ou figés, leurs prévisions sont "
        "signalées.",
}  # fmt: skip


_WHY = {
    "Why this forecast": "Pourquoi cette prévision",
    "The parts add up to the forecast, through all its forecasters. Share without a cause: {left}.":
        "Les parts s'additionnent à la prévision, à travers tous ses modèles. Part sans cause : {left}.",
    "usual at this time": "habituel à cette heure",
    "recent level": "niveau récent",
    "weather": "météo",
    "calendar and holidays": "calendrier et fériés",
    "known columns": "colonnes connues",
    "events": "événements",
    "an outage that lasts": "une coupure qui dure",
    "kept from falling lower": "retenu de descendre plus bas",
    "other": "autres",
    "together": "ensemble",
    "{name} as a whole": "{name} en bloc",
    "What moves it away from the usual.": "Ce qui l'éloigne de l'habitude.",
    "Nothing moves it away from the usual: it is what these hours usually hold.":
        "Rien ne l'éloigne de l'habitude : c'est ce que ces heures tiennent d'ordinaire.",
    "Above zero: more than is usual at that time. All causes and the usual add up to the forecast.":
        "Au-dessus de zéro : plus que d'habitude à cette heure. Les causes et l'habitude s'additionnent à la "
        "prévision.",
    "The largest cause is {name}: {size} on average.": "La plus grande cause est {name} : {size} en moyenne.",
    "One step, from its parts.": "Un pas, depuis ses parts.",
    "Each bar starts where the one above it ends.": "Chaque barre commence où finit celle du dessus.",
    "Step": "Pas",
    "{day}: about as much as {then}, {size} apart": "{day} : à peu près autant que {then}, à {size} près",
    "{day}: {size} more than {then}": "{day} : {size} de plus que {then}",
    "{day}: {size} less than {then}": "{day} : {size} de moins que {then}",
    "{lead} on average": "{lead} en moyenne",
    "{lead}: {causes}.": "{lead} : {causes}.",
    "a higher usual level": "niveau habituel plus haut",
    "a lower usual level": "niveau habituel plus bas",
    "the latest readings ran higher": "derniers relevés plus hauts",
    "the latest readings ran lower": "derniers relevés plus bas",
    "{then} itself came lower than expected": "{then} même fut plus bas qu'attendu",
    "{then} itself came higher than expected": "{then} même fut plus haut qu'attendu",
    "the weather": "la météo",
    "warmer": "plus chaud",
    "colder": "plus froid",
    "{word} ({now} against {then})": "{word} ({now} contre {then})",
    "the calendar": "le calendrier",
    "a holiday near": "jour férié proche",
    "a holiday just past": "jour férié tout juste passé",
    "a public holiday": "jour férié",
    "the day before a holiday": "veille de jour férié",
    "the day after a holiday": "lendemain de jour férié",
    "a bridge day": "pont",
    "Christmas week": "semaine de Noël",
    "a holiday on a weekend": "un jour férié tombant un week-end",
    "a half day": "une demi-journée",
    "a day of changing clocks": "un jour de changement d'heure",
    "school holidays": "vacances scolaires",
    "back from school holidays": "retour de vacances scolaires",
    "{then} that time": "{then} cette fois-là",
    "a day of the past": "un jour du passé",
    "what the model would say of the days ahead": "ce que le modèle dirait des jours à venir",
    "days ahead at {degrees} on average\nforecast {value} {unit} on average":
        "jours à venir à {degrees} en moyenne\nprévision {value} {unit} en moyenne",
    "Past days are of all seasons and weekdays; the curve is flat: the model makes nothing of it.":
        "Les jours passés sont de toutes saisons ; la courbe est plate : le modèle n'en tire rien.",
    "Against the temperature.": "Face à la température.",
    "Past days are of all seasons and weekdays; the curve is of the days ahead, warmer or colder.":
        "Les jours passés sont de toutes saisons ; la courbe est celle des jours à venir, plus chauds ou plus "
        "froids.",
    "{days}; the forecast would be {first} at {cold} and {last} at {warm}.":
        "{days} ; la prévision serait {first} à {cold} et {last} à {warm}.",
    "{names} this time": "{names} cette fois-ci",
    "{names} that time": "{names} cette fois-là",
    "{name} higher": "{name} plus haut",
    "{name} lower": "{name} plus bas",
}  # fmt: skip

_IMAGINED = {
    "What if: {asked}.": "Et si : {asked}.",
    "{name} set to {value}": "{name} mis à {value}",
    "every day as a {weekday}": "chaque jour comme un {weekday}",
    "no holidays": "pas de jours fériés",
    "nothing is changed": "rien ne change",
    "monday": "lundi", "tuesday": "mardi", "wednesday": "mercredi", "thursday": "jeudi", "friday": "vendredi",
    "saturday": "samedi", "sunday": "dimanche",
    "What is usual is that of the last ordinary day of that name; all else stays as forecast.":
        "L'habitude est celle du dernier jour ordinaire de ce nom ; tout le reste est comme prévu.",
    "Nothing changes: no forecaster of this model uses it.": "Rien ne change : aucun modèle ne l'utilise.",
    "Over {span}, {after} on average instead of {before}: {change}.":
        "Sur {span}, {after} en moyenne au lieu de {before} : {change}.",
    "Most at {time}: {change}.": "Le plus à {time} : {change}.",
    "Marked: {name} comes to {value} ({times}), outside of {low} to {high} that the model was trained on.":
        "Signalé : {name} atteint {value} ({times}), hors de la plage d'apprentissage, {low} à {high}.",
}  # fmt: skip

FRENCH: dict[str, str] = {**_TIME, **_NUMBERS, **_RESULT, **WEATHER, **_LUCK, **_WHY, **_IMAGINED, **PAGE, **PLAIN}
