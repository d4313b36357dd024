"""The second half of the French catalogue: pictures, tables and headings of the page."""

from __future__ import annotations

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

_MAPS = {
    "The readings by hour and day.": "Les relevés par heure et par jour.",
    "Dark is low, light is high; empty is missing or left out.":
        "Sombre : bas ; clair : haut ; vide : manquant ou écarté.",
    "{days} from left to right, the hours of the day from top to bottom, from {low} to {high}.":
        "{days} de gauche à droite, les heures du jour de haut en bas, de {low} à {high}.",
    "How far off, by weekday and hour.": "L'écart par jour de semaine et par heure.",
    "Mean absolute error in the final windows; the stronger the colour, the larger.":
        "Erreur absolue moyenne dans les fenêtres finales ; plus soutenu, plus grand.",
    "Largest at {time}: {off}.": "Le plus grand à {time} : {off}.",
    "{time}: off by {off}, mean of {errors}": "{time} : écart de {off}, moyenne de {errors}",
    "Whether the bands hold what they say.": "Les bandes tiennent-elles parole ?",
    "Above the line: more readings came below that quantile than it says.":
        "Au-dessus de la ligne : plus de relevés sont tombés sous ce quantile qu'il ne le dit.",
    "Over {readings}, furthest off at the {level} quantile: {share} came below it.":
        "Sur {readings}, le plus loin au quantile {level} : {share} sont venus au-dessous.",
    "{level} of readings should be below: {share} were":
        "{level} des relevés devraient être au-dessous : {share} l'ont été",
    "as it should be": "comme il se doit",
    "as it was": "comme ce fut",
    "share of readings below": "part des relevés au-dessous",
    "level of the quantile": "niveau du quantile",
    "What the time brought.": "Ce que le temps a apporté.",
    "{count} in {seconds} s of computing: the best came down from {first} to {last} times the loss of repeating a "
    "season; after {reached} s it was within {near} of that.":
        "{count} en {seconds} s de calcul : le meilleur est passé de {first} à {last} fois la perte de la "
        "répétition d'une saison ; après {reached} s il en était à {near} près.",
    "{count} in {seconds} s of computing: the best, at {last} times the loss of repeating a season, was found "
    "after {reached} s.":
        "{count} en {seconds} s de calcul : le meilleur, à {last} fois la perte de la répétition d'une saison, a "
        "été "
        "trouvé après {reached} s.",
    "Where the windows lie.": "Où se trouvent les fenêtres.",
    "Each time forecasters were fitted anew they learnt from all that lies to the left.":
        "À chaque nouvel ajustement, les modèles ont appris de tout ce qui est à gauche.",
    "{choose} chose the members, {judge} judged the forecast.":
        "{choose} ont choisi les membres, {judge} ont jugé la prévision.",
    "fitted anew": "nouvel ajustement",
    "history": "historique",
    "choose": "choix",
    "judge": "jugement",
    "times the loss of repeating a season": "fois la perte de la répétition d'une saison",
    "seconds of computing": "secondes de calcul",
    "best so far": "meilleur jusque-là",
    "a candidate": "un candidat",
    "given up early": "abandonné tôt",
    "loss {loss} times": "perte {loss} fois",
    "{seconds} s, {spent} s in all": "{seconds} s, {spent} s en tout",
    "Window by window": "Fenêtre par fenêtre",
    "Forecast made at": "Prévision faite le",
    "Forecast made at {time}.": "Prévision faite le {time}.",
    "Off by {off} on average.": "Écart moyen : {off}.",
}  # fmt: skip

_CARDS = {
    "Source": "Source",
    "Column forecast": "Colonne prévue",
    "Unit": "Unité",
    "Items": "Séries",
    "First reading": "Premier relevé",
    "Last reading": "Dernier relevé",
    "Time zone": "Fuseau horaire",
    "Missing": "Manquants",
    "Left out as faulty": "Écartés comme défectueux",
    "Found in the readings": "Trouvé dans les relevés",
    "Known ahead": "Connues à l'avance",
    "Known up to the last reading": "Connues jusqu'au dernier relevé",
    "Weather": "Météo",
    "Weather ahead": "Météo à venir",
    "Holidays of": "Jours fériés de",
    "Credits and licences": "Crédits et licences",
    "Fingerprint of the data": "Empreinte des données",
    "Run": "Exécution",
    "hourcast": "hourcast",
    "Python": "Python",
    "Packages": "Paquets",
    "Steps ahead": "Pas à l'avance",
    "Seasons": "Saisons",
    "Quantiles": "Quantiles",
    "Combination": "Combinaison",
    "Lower bound": "Borne inférieure",
    "median": "médiane",
    "half median, half mean by weight": "moitié médiane, moitié moyenne pondérée",
    "median by weights of the item": "médiane aux poids de la série",
    "half median by weights of the item, half mean by weight": (
        "moitié médiane aux poids de la série, moitié moyenne pondérée"
    ),
    "trials": "nombre de candidats", "no better ones": "plus rien de meilleur", "time": "temps écoulé",
    "interrupt": "interruption", "climatology": "climatologie", "simulated": "simulée", "vintage": "prévue",
    "previous_runs": "prévue, par échéance", "oracle": "réelle", "none": "aucune",
    "Seed": "Graine",
    "Most candidates": "Candidats au plus",
    "Time limit [s]": "Temps limite [s]",
    "Time taken [s]": "Temps pris [s]",
    "Candidates tried": "Candidats essayés",
    "Search ended by": "Fin de la recherche",
    "Selection windows": "Fenêtres de choix",
    "Final windows": "Fenêtres finales",
    "Scores of the final windows": "Scores des fenêtres finales",
    "Data card": "Fiche des données",
    "Model card": "Fiche du modèle",
    "Entry": "Entrée",
    "Share of the median": "Part de la médiane",
    "Settings": "Réglages",
    "Columns": "Colonnes",
    "The members, and how often each is in the middle.": "Les membres, et combien souvent chacun est au milieu.",
    "For the record": "Pour mémoire",
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
    "Repeating the last season was off by {scale} in the history; {mae} is {ratio} times as much. "
    "Below 1 is better than repeating.":
        "Répéter la dernière saison s'écartait de {scale} dans l'historique ; {mae}, c'est {ratio} fois autant. "
        "Sous 1, "
        "c'est mieux que répéter.",
    "The same with squared errors: as large as MASE, so large misses are as rare as in repeating.":
        "La même avec les erreurs au carré : égale à MASE, les grands écarts sont donc aussi rares qu'en répétant.",
    "The same with squared errors: {rmsse} is below {mase}, so large misses are rarer.":
        "La même avec les erreurs au carré : {rmsse} est sous {mase}, les grands écarts sont donc plus rares.",
    "The same with squared errors: {rmsse} is above {mase}, so large misses are commoner.":
        "La même avec les erreurs au carré : {rmsse} est au-dessus de {mase}, les grands écarts sont donc plus "
        "fréquents.",
    "Judges all quantiles together: {wape} if each were the forecast, {wql} with the bands; 0 is perfect.":
        "Juge tous les quantiles ensemble : {wape} si chacun était la prévision même, {wql} avec les bandes ; 0 est "
        "parfait.",
    "On average the forecast lay {off} above what came; 0 would lean to no side.":
        "En moyenne, la prévision était {off} au-dessus de ce qui est venu ; 0 ne pencherait d'aucun côté.",
    "On average the forecast lay {off} below what came; 0 would lean to no side.":
        "En moyenne, la prévision était {off} au-dessous de ce qui est venu ; 0 ne pencherait d'aucun côté.",
    "Bias": "Biais",
    "Over {span} that adds up to {total} forecast too high.": "Sur {span}, cela fait {total} prévus en trop.",
    "Over {span} that adds up to {total} forecast too low.": "Sur {span}, cela fait {total} prévus en moins.",
    "Weighted quantile loss": "Perte quantile pondérée",
    "Judges all quantiles together, each by its own share of misses; smaller is better, 0 is perfect.":
        "Juge tous les quantiles ensemble, chacun selon sa part d'écarts ; plus petit est mieux, 0 est parfait.",
    "{inside} of {checked} fell inside it; 80 % should.": "{inside} sur {checked} s'y trouvent ; 80 % le devraient.",
}  # fmt: skip

_PAGE = {
    "Arrow keys read the values.": "Les flèches lisent les valeurs.",
    "Made by hourcast {version} on {when}.": "Fait par hourcast {version} le {when}.",
    "{some} of {items} are pictured; the forecast table holds all.":
        "{some} de {items} sont dessinées ; le tableau des prévisions les contient toutes.",
    "It combines {number} forecasters: {named}.": "Elle combine {number} modèles : {named}.",
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
    "above. Loss is the error in units of the seasonal naive forecast's; smaller is better. "
    "The thin line is the 95 % interval of the difference.":
        "Comparés sur des fenêtres antérieures, qui ont servi à choisir les membres et donc les flattent : les "
        "scores à croire sont ceux du dessus. La perte est l'erreur rapportée à celle de la répétition "
        "saisonnière ; plus petit est mieux. Le trait fin est l'intervalle à 95 % de la différence.",
    "Forecaster": "Modèle",
    "What the names stand for.": "Ce que désignent les noms.",
    "What it does": "Ce qu'il fait",
    "combination of {number}": "combinaison de {number}",
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

PAGE: dict[str, str] = {**_PICTURES, **_MAPS, **_CARDS, **_MEASURES, **_PAGE}
