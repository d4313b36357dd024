"""What is noted on reading a file, in French; the rules are those of ``french_found``."""

from __future__ import annotations

NOTES: dict[str, str] = {
    "the text is in {encoding}": "le texte est en {encoding}",
    "fields are separated by {mark}": "les champs sont séparés par {mark}",
    "there is no header line; the columns are called {first} to {last}":
        "il n'y a pas de ligne d'en-tête ; les colonnes s'appellent {first} à {last}",
    "the header {name} stands twice; the later column is called {other}":
        "l'en-tête {name} figure deux fois ; la seconde colonne s'appelle {other}",
    "{n} title {place} above the header was skipped": "lignes de titre au-dessus de l'en-tête sautées : {n}",
    "{n} title {place} above the header were skipped": "lignes de titre au-dessus de l'en-tête sautées : {n}",
    "{n} {place} between the header and the readings left out":
        "lignes écartées entre l'en-tête et les relevés : {n}",
    "1 row whose time could not be read was left out: first {where}":
        "1 ligne dont le temps est illisible a été écartée : la première, {where}",
    "{n} rows whose time could not be read were left out: first {where}":
        "{n} lignes dont le temps est illisible ont été écartées : la première, {where}",
    "{n} row without a name was left out: {name} is empty there":
        "{n} ligne sans nom a été écartée : {name} y est vide",
    "{n} rows without a name were left out: {name} is empty there":
        "{n} lignes sans nom ont été écartées : {name} y est vide",
    "{n} rows left out: an hour that the spring change skips":
        "{n} lignes écartées : une heure que saute le changement d'heure de printemps",
    "{n} row was left out, in an hour that the spring clock change skips: first {when}":
        "{n} ligne écartée, dans une heure que saute le changement d'heure de printemps : la première le {when}",
    "{n} rows were left out, in an hour that the spring clock change skips: first {when}":
        "{n} lignes écartées, dans une heure que saute le changement d'heure de printemps : la première le {when}",
    "{n} time in the repeated autumn hour, there only once, taken as winter time: first {when}":
        "{n} temps de l'heure répétée d'automne, présent une seule fois, pris en heure d'hiver : le premier le "
        "{when}",
    "{n} times in the repeated autumn hour, there only once, taken as winter time: first {when}":
        "{n} temps de l'heure répétée d'automne, présents une seule fois, pris en heure d'hiver : le premier le "
        "{when}",
    "the clock of this file may not change at all; if so, give a fixed zone such as Etc/GMT-1":
        "l'horloge de ce fichier ne change peut-être pas ; dans ce cas, donnez un fuseau fixe tel que Etc/GMT-1",
    "{n} step is not wholly covered by readings and missing: {freq} from {when} UTC":
        "{n} pas n'est pas entièrement couvert et manque : {freq} à partir du {when} UTC",
    "{n} steps are not wholly covered by readings and missing: {freq} from {when} UTC":
        "{n} pas ne sont pas entièrement couverts et manquent : {freq} à partir du {when} UTC",
    "{column} column {name} is not used": "la colonne {column} {name} n'est pas utilisée",
    "text column {name} is not used": "la colonne de texte {name} n'est pas utilisée",
    "column {name} only counts the rows and is not used":
        "la colonne {name} ne fait que compter les lignes, inutilisée",
    "column {name} is not used: the name belongs to the table itself":
        "la colonne {name} n'est pas utilisée : ce nom appartient au tableau même",
    "{name}: {n} cell taken as missing, first {place} {line} {value}":
        "{name} : {n} cellule prise pour manquante, d'abord {place} {line} {value}",
    "{name}: {n} cells taken as missing, first {place} {line} {value}":
        "{name} : {n} cellules prises pour manquantes, d'abord {place} {line} {value}",
    "{name}: the {sign} was read as the decimal mark; --decimal says otherwise":
        "{name} : on a lu {sign} comme marque décimale ; --decimal en décide autrement",
    "{name}: the {sign} was read as a mark of thousands: {left} is {right}; {option} says otherwise":
        "{name} : on a lu {sign} comme marque des milliers : {left} vaut {right} ; {option} en décide autrement",
    "{name}: {n} cell of {n1} taken as missing": "{name} : {n} cellule de {n1} prise pour manquante",
    "{name}: {n} cells of {n1} taken as missing": "{name} : {n} cellules de {n1} prises pour manquantes",
    "{name}: {unit} behind the numbers was left out": "{name} : {unit} derrière les nombres a été omis",
    "{n} times were moved to the nearest minute, by {n1} s at most":
        "{n} temps ont été ramenés à la minute la plus proche, de {n1} s au plus",
    "the times in {name} are not used": "les temps de {name} ne sont pas utilisés",
    "the times are in {zone}, as the header {name} says": "les temps sont en {zone}, selon l'en-tête {name}",
    "the times were moved to the first moment of their step ({freq})":
        "les temps ont été ramenés au premier instant de leur pas ({freq})",
    "the dates in {name} and the hours in {other} were joined":
        "les dates de {name} et les heures de {other} ont été réunies",
    "the step is {freq} as given; {n} of the steps are {other}":
        "le pas est {freq} comme donné ; {n} des pas sont de {other}",
    "the target {name} rises in {n} of its steps; if it is a meter register, say so with --register differences":
        "la cible {name} monte à {n} de ses pas ; si c'est un index de compteur, dites-le par --register "
        "differences",
    "{name} is a register; its values are the differences from day to day":
        "{name} est un index ; ses valeurs sont les différences de jour en jour",
    "the answer holds {n1} of {n2} rows; the others must be asked for with offset":
        "la réponse tient {n1} lignes sur {n2} ; les autres sont à demander avec offset",
    "the values are {ahead}, not what was measured": "les valeurs sont {ahead}, non ce qui a été mesuré",
    "the numbers were multiplied by {factor}": "les nombres ont été multipliés par {factor}",
    "the readings are stands of a register; the values are their differences":
        "les relevés sont des positions d'index ; les valeurs sont leurs différences",
    "{n} time the register ran through its last digit: first from {when} UTC":
        "{n} fois l'index est passé par son dernier chiffre : la première à partir du {when} UTC",
    "{n} times the register ran through its last digit: first from {when} UTC":
        "{n} fois l'index est passé par son dernier chiffre : la première à partir du {when} UTC",
    "{n} step in which the meter was exchanged or reset is missing: first from {when} UTC":
        "{n} pas où le compteur a été échangé ou remis à zéro manque : le premier à partir du {when} UTC",
    "{n} steps in which the meter was exchanged or reset are missing: first from {when} UTC":
        "{n} pas où le compteur a été échangé ou remis à zéro manquent : le premier à partir du {when} UTC",
    "{n} difference spans several steps and belongs to none of them: first from {when} UTC":
        "{n} différence couvre plusieurs pas et n'appartient à aucun : la première à partir du {when} UTC",
    "{n} differences span several steps and belong to none of them: first from {when} UTC":
        "{n} différences couvrent plusieurs pas et n'appartiennent à aucun : la première à partir du {when} UTC",
    "forecasts of the weather are taken as available {n} h after their issue (column available_at)":
        "les prévisions météo sont prises pour disponibles {n} h après leur émission (colonne available_at)",
    "The {weather} was last observed at {when} UTC, {n} hours before the end.":
        "Dernière observation ({weather}) le {when} UTC, {n} heures avant la fin.",
    "The weather forecast of {when} UTC is used: its source failed. {error}":
        "La prévision météo du {when} UTC est utilisée : sa source a échoué. {error}",
    "Meteostat failed, so only weather stored before is used. {error}":
        "Meteostat a échoué, seule la météo gardée avant est donc utilisée. {error}",
    "Of the {weather}, {n} is from weather models and left out.":
        "De la donnée {weather}, {n} vient de modèles météo et est écarté.",
    "Station {station} now has {n1} values of {year} where it had {n2}; those are kept.":
        "La station {station} a maintenant {n1} valeurs de {year} là où elle en avait {n2} ; celles-ci sont "
        "gardées.",
}  # fmt: skip
