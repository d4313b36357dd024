"""What each forecaster does, in French; keyed by what it says of itself."""

from __future__ import annotations

PLAIN: dict[str, str] = {
    "repeats the last season":
        "répète la dernière saison",
    "the usual course, in which the newest seasons count most":
        "le cours habituel, où les saisons récentes comptent le plus",
    "the usual course, and how the latest readings and the weather depart from theirs":
        "le cours habituel, et ce dont les derniers relevés et la météo s'en écartent",
    "the mean of four regressions on what departs from the usual course":
        "la moyenne de quatre régressions sur ce qui s'écarte du cours habituel",
    "many small decision trees that correct a regression":
        "beaucoup de petits arbres de décision qui corrigent une régression",
    "many small decision trees on calendar and weather":
        "beaucoup de petits arbres de décision sur le calendrier et la météo",
    "what is normal at the time of the year, and how the latest readings depart from it":
        "ce qui est normal à cette période de l'année, et ce dont les derniers relevés s'en écartent",
    "a smoothed level, day and week, and the last error carried on":
        "un niveau, un jour et une semaine lissés, et la dernière erreur prolongée",
    "what followed the past days most like the latest ones":
        "ce qui a suivi les jours passés les plus semblables aux derniers",
    "all columns at once: a forest of trees, the most similar hours, or a support vector machine":
        "toutes les colonnes à la fois : une forêt d'arbres, les heures les plus semblables, ou une machine à "
        "vecteurs de support",
    "each step from the steps before it":
        "chaque pas à partir des pas d'avant",
    "a smoothed level with half of the trend":
        "un niveau lissé avec la moitié de la tendance",
    "a smoothed level, trend and season":
        "un niveau, une tendance et une saison lissés",
    "how large a demand is, times how often there is one":
        "la taille d'une demande, fois la fréquence à laquelle il y en a une",
    "smooth curves of weather, hour and time of the year":
        "des courbes lisses de la météo, de l'heure et du moment de l'année",
    "the mean of several smooth curves of weather, hour and time of the year":
        "la moyenne de plusieurs courbes lisses de la météo, de l'heure et du moment de l'année",
    "a level, a day and a week taken apart by smoothing, and what fades":
        "un niveau, un jour et une semaine séparés par lissage, et ce qui s'estompe",
    "waves of day, week and year, and errors that come back to them":
        "des ondes du jour, de la semaine et de l'année, et des erreurs qui y reviennent",
    "many small decision trees, each step from the steps before it":
        "beaucoup de petits arbres de décision, chaque pas à partir des pas d'avant",
}  # fmt: skip
