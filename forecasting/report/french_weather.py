"""What the weather is worth, in French: part of the catalogue of ``french``."""

from __future__ import annotations

WEATHER: dict[str, str] = {
    "{sentence}; {middle}; {last}.": "{sentence} ; {middle} ; {last}.",
    "with the forecasts available{at} it is {error}": "avec les prévisions disponibles{at}, il est de {error}",
    "with simulated forecasts such as those available{at} it is {error}": "avec des prévisions simulées, comme "
    "celles disponibles{at}, il est de {error}",
    "with the weather as usual for the hour it is {error}": "avec la météo habituelle à l'heure, il est de {error}",
    " at {time}": " à {time}",
    "Knowing the weather perfectly the error would be {error}": "Si la météo était connue parfaitement, l'écart "
    "serait de {error}",
    "The weather makes no difference here: known perfectly or not at all, the error is {error}.": "La météo ne "
    "change rien ici : connue parfaitement ou pas du tout, l'écart est de {error}.",
    "without weather {error}": "sans météo, de {error}",
    "Weather was left out: it did not help on the windows that choose.": "La météo a été laissée de côté : elle "
    "n'aidait pas sur les fenêtres qui servent à choisir.",
    "The same forecasters on the same windows, knowing more and less of the weather.": "Les mêmes modèles sur les "
    "mêmes fenêtres, en sachant plus ou moins de la météo.",
    "The weather of the horizon": "La météo de l'horizon",
    "Error": "Écart",
    "what came (no forecast can know it)": "ce qui est venu (aucune prévision ne peut le savoir)",
    "weather as it was forecast": "la météo telle que prévue",
    "weather as it was forecast, by lead": "la météo telle que prévue, par échéance",
    "simulated weather forecasts": "des prévisions météo simulées",
    "usual weather": "la météo habituelle",
    "not used": "non utilisée",
}
