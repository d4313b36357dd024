"""The report in French: every sentence of the rules, keyed by the English one.

``tests/forecasting/report/test_language.py`` holds that none is missing, that none is left over, and that each has
the same names in braces.
"""

from __future__ import annotations

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
    "Forecast of {target}": "Prévision de {target}",
    "Result": "Résultat",
    "What is forecast": "Ce qui est prévu",
    "How far off": "Précision",
    "How sure": "Fiabilité",
    "At its worst": "Au pire",
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

_PICTURES = {
    "mean over all": "moyenne générale",
    "{span} of readings{between}": "{span} de relevés{between}",
    ", then a forecast of {span}{between}.": ", puis une prévision de {span}{between}.",
    "{windows} of {span} with readings{between}.": "{windows} de {span} avec des relevés{between}.",
    "The same forecast with the last {span} before it.": "La même prévision, précédée de {span}.",
    " Not drawn, for they overlap or lie further back: {windows}.":
        " Non dessinées, car elles se chevauchent ou sont plus anciennes : {windows}.",
    " Off by {off} on average.": " Écart moyen : {off}.",
    "forecast starts": "début de la prévision",
    "The last readings, then the forecast.": "Les derniers relevés, puis la prévision.",
    "Of 100 readings to come, {share} should fall in the widest band.":
        "Sur 100 relevés à venir, {share} devraient tomber dans la bande la plus large.",
    "What came, against what had been forecast.": "Ce qui est venu, face à ce qui était prévu.",
    "Mean absolute error in the final windows.": "Erreur absolue moyenne dans les fenêtres finales.",
    "Off by {mean} on average, most at {label}: {most}.": "Écart moyen : {mean}, le plus grand à {label} : {most}.",
    "The whole history.": "Tout l'historique.",
    "A closer look.": "De plus près.",
    "At each dotted line a forecast was made from what was known by then.":
        "À chaque ligne pointillée, une prévision a été faite avec ce qu'on savait alors.",
    "How far off, by how far ahead.": "L'écart selon l'avance.",
    "How far off, by hour of day.": "L'écart selon l'heure du jour.",
    "mean of {errors}": "moyenne de {errors}",
    "Each point sums up {span}.": "Chaque point résume {span}.",
    "Every reading.": "Chaque relevé.",
    "; {missing} missing, {faulty} left out as faulty.":
        " ; {missing} manquants, {faulty} écartés comme défectueux.",
    "reading left out as faulty": "relevé écarté comme défectueux",
    "left out as faulty": "écarté comme défectueux",
    ", left out as faulty": ", écarté comme défectueux",
    "reading": "relevé",
    "forecast": "prévision",
    "what came": "ce qui est venu",
    "forecast made before": "prévision faite avant",
    "off by {off}": "écart de {off}",
    "lowest to highest": "du plus bas au plus haut",
    "mean": "moyenne",
    " (arrowhead: beyond the axis)": " (flèche : hors de l'axe)",
    "reading {value} {unit}": "relevé {value} {unit}",
    "no reading": "pas de relevé",
    "forecast {value} {unit}": "prévision {value} {unit}",
    "{span} from {time}\nmean {mean} {unit}\nfrom {low} to {high} {unit}":
        "{span} dès {time}\nmoyenne {mean} {unit}\nde {low} à {high} {unit}",
}  # fmt: skip

_MEASURES = {
    "All measures of the final windows, {first} to {last}.":
        "Toutes les mesures des fenêtres finales, {first} à {last}.",
    "Measure": "Mesure",
    "Value": "Valeur",
    "What it means": "Ce que cela veut dire",
    "Mean absolute error": "Erreur absolue moyenne",
    "The same for {naive}": "La même pour : {naive}",
    "What anyone could have.": "Ce que tout le monde pourrait avoir.",
    "How far a forecast lies from what came, on average.":
        "De combien une prévision s'écarte de ce qui est venu, en moyenne.",
    "Where {middle} came, the forecast typically said {low} or {high}.":
        "Là où {middle} sont venus, la prévision disait typiquement {low} ou {high}.",
    "Of every 100 {unit} that came, {wrong} {unit} were too many or too few in the forecast.":
        "Sur 100 {unit} venus, {wrong} {unit} étaient de trop ou de moins dans la prévision.",
    "The error over that of repeating the last season in the history: below 1 is better than that.":
        "L'erreur rapportée à celle de la répétition de la dernière saison dans l'historique : sous 1, c'est mieux.",
    "The same with squared errors, so that large misses count more.":
        "La même avec les erreurs au carré, pour que les grands écarts comptent davantage.",
    "Bias": "Biais",
    "Over {span} that adds up to {total} forecast too high.": "Sur {span}, cela fait {total} prévus en trop.",
    "Over {span} that adds up to {total} forecast too low.": "Sur {span}, cela fait {total} prévus en moins.",
    "Weighted quantile loss": "Perte quantile pondérée",
    "Judges all quantiles together, each by its own share of misses; smaller is better, 0 is perfect.":
        "Juge tous les quantiles ensemble, chacun selon sa part d'écarts ; plus petit est mieux, 0 est parfait.",
    "{inside} of {checked} fell inside it; 80 % should.": "{inside} sur {checked} s'y trouvent ; 80 % le devraient.",
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
    "kept from falling lower": "retenu de descendre plus bas",
    "other": "autres",
    "together": "ensemble",
    "{name} as a whole": "{name} en bloc",
    "What moves it away from the usual.": "Ce qui l'éloigne de l'habitude.",
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
    "the time of the year": "la période de l'année",
    "a public holiday": "jour férié",
    "the day before a holiday": "veille de jour férié",
    "the day after a holiday": "lendemain de jour férié",
    "a bridge day": "pont",
    "Christmas week": "semaine de Noël",
    "school holidays": "vacances scolaires",
    "back from school holidays": "retour de vacances scolaires",
    "{then} that time": "{then} cette fois-là",
    "{names} this time": "{names} cette fois-ci",
    "{names} that time": "{names} cette fois-là",
    "{name} higher": "{name} plus haut",
    "{name} lower": "{name} plus bas",
}  # fmt: skip

_PAGE = {
    "Made by hourcast {version} on {when}.": "Fait par hourcast {version} le {when}.",
    "{some} of {items} are pictured; the forecast table holds all.":
        "{some} de {items} sont dessinées ; le tableau des prévisions les contient toutes.",
    "It is the median of {number} forecasters: {named}.": "C'est la médiane de {number} modèles : {named}.",
    "It is the forecast of {member}.": "C'est la prévision de {member}.",
    "These windows were set aside: no forecaster was chosen by them, so they show what to expect.":
        "Ces fenêtres ont été mises de côté : aucun modèle n'a été choisi sur elles, elles montrent donc à quoi "
        "s'attendre.",
    "Pictures of": "Graphiques de",
    "The forecast in numbers": "La prévision en chiffres",
    "The forecast": "La prévision",
    "Tested on what it had not seen": "Testée sur ce qu'elle n'avait pas vu",
    "What was tried": "Ce qui a été essayé",
    "The data": "Les données",
    "What was found and repaired": "Ce qui a été trouvé et réparé",
    "Nothing had to be repaired.": "Il n'y avait rien à réparer.",
    "What was decided on reading": "Ce qui a été décidé à la lecture",
    "Nothing had to be decided.": "Il n'y avait rien à décider.",
    "Compared on earlier windows, which chose the members and so flatter them: the scores to believe are those "
    "above. Loss is the error in units of the seasonal naive forecast's; smaller is better.":
        "Comparés sur des fenêtres antérieures, qui ont servi à choisir les membres et donc les flattent : les "
        "scores à croire sont ceux du dessus. La perte est l'erreur rapportée à celle de la répétition "
        "saisonnière ; plus petit est mieux.",
    "Forecaster": "Modèle",
    "Against copying the past": "Face à la copie du passé",
    "Loss": "Perte",
    "Note": "Remarque",
    "Forecast of {name}{zone}.": "Prévision de {name}{zone}.",
    " The first {some} of {of} rows.": " Les {some} premières lignes sur {of}.",
    " {more} more are not listed.": " {more} autres ne sont pas listés.",
    "Time": "Temps",
    "Forecast [{unit}]": "Prévision [{unit}]",
    "Kind": "Genre",
    "Item": "Série",
    "Readings": "Relevés",
    "First": "Premier",
    "Last": "Dernier",
    "Readings left out as faulty.": "Relevés écartés comme défectueux.",
    "no result": "pas de résultat",
    "in the forecast": "dans la prévision",
    "given up early, clearly worse": "abandonné tôt, nettement moins bon",
    "out of time": "à court de temps",
    "failed": "échec",
}  # fmt: skip

FRENCH: dict[str, str] = {**_TIME, **_NUMBERS, **_RESULT, **_LUCK, **_PICTURES, **_MEASURES, **_WHY, **_PAGE}
