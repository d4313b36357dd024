"""Broken copies of real files: bytes and lines changed at random, the same ones for the same seed."""

import random
from pathlib import Path

INPUTS = Path(__file__).parents[2] / "data" / "inputs"
#: Every text file kept for the tests, and the target a person would name; None where the file tells it.
TARGETS = {
    "bi_export_local_naive_dst.csv": "kWh",
    "cumulative_index_rollover_exchange.csv": "index_kwh",
    "edf_mes_puissances_atteintes_30min.csv": None,
    "eia_v2_region_data_BPAT.json": None,
    "enedis_courbe_de_charge_30_15min_dst.csv": None,
    "enedis_index_quotidien.csv": None,
    "enedis_sge_r63.json": None,
    "enedis_sge_r63_cdc.csv": None,
    "entsoe_A65_A01_DK2_load_forecast.xml": None,
    "entsoe_A65_A16_DK1_load.xml": None,
    "entsoe_gui_total_load.csv": None,
    "fr_excel_cp1252_dst_total.csv": "Consommation (kWh)",
    "fr_excel_utf8sig.csv": "Puissance (kW)",
    "greenbutton_15min_one_day.xml": None,
    "odre_eco2mix_cons_def_ghost_hour_synth.json": None,
    "odre_eco2mix_national_tr_v21.json": None,
    "wide_24_columns_fr.csv": None,
}
PIECES = (
    b"", b"0", b"9", b"-", b"+", b".", b",", b";", b":", b" ", b"\t", b"|", b'"', b"'", b"\n", b"\r", b"\r\n", b"/",
    b"T", b"Z", b"e", b"E", b"<", b">", b"&", b"{", b"}", b"[", b"]", b"\x00", b"\xff", b"\xa0", b"\x85", b"\xe9",
    "\u202f".encode(), "\u0661".encode(), "\u00b2".encode(), "\ufeff".encode(), "\U0001f600".encode(),
    b"1e999", b"-1e-999", b"NaN", b"Infinity", b"null", b"true", b"[]", b"{}", b"0000", b"99999999999999999999",
    b"24:00", b"31/02/2024", b"9999-12-31", b"0001-01-01", b"1677-09-21T00:12", b"2262-04-11T23:47", b"+99:99",
    b"PT0M", b"P9999D", b"A03", b"bis", b"Total", b"\xef\xbf\xbe",
)  # fmt: skip


def mutate(data, chance):
    """A copy of some bytes with one to three changes."""
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
        data = chance.choice(WAYS)(data, chance)
    return data


def change_byte(data, chance):
    place = chance.randrange(len(data) or 1)
    return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]


def put_piece(data, chance):
    place = chance.randrange(len(data) + 1)
    return data[:place] + chance.choice(PIECES) + data[place + chance.choice((0, 0, 1, 2, 5)) :]


def change_digit(data, chance):
    places = [
        place for place in (chance.randrange(len(data) or 1) for _ in range(20)) if data[place : place + 1].isdigit()
    ]
    if not places:
        return data
    return data[: places[0]] + str(chance.randrange(10)).encode() + data[places[0] + 1 :]


def change_lines(data, chance):
    lines = data.split(b"\n")
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    what = chance.randrange(6)
    if what == 0:
        del lines[first]
    elif what == 1:
        lines.insert(second, lines[first])
    elif what == 2:
        lines[first], lines[second] = lines[second], lines[first]
    elif what == 3:
        del lines[first : first + chance.randrange(1, 12)]
    elif what == 4:
        lines = lines[:first] or lines
    else:
        lines[first:second] = reversed(lines[first:second])
    return b"\n".join(lines)


def change_all(data, chance):
    """Replace one character everywhere, as an editor or a spreadsheet does."""
    old, new = chance.choice(
        ((b";", b","), (b",", b"."), (b".", b","), (b"\r\n", b"\n"), (b"\n", b"\r\n"), (b" ", b"\t"), (b"-", b"/"),
         (b"T", b" "), (b":", b"h"), (b"2024", b"24"), (b"Valeur", b"valeur"), (b"MAW", b""), (b"A01", b"A03"))
    )  # fmt: skip
    return data.replace(old, new)


WAYS = (
    change_byte,
    change_byte,
    put_piece,
    put_piece,
    change_digit,
    change_digit,
    change_lines,
    change_lines,
    change_all,
)


def mutations(number, seed):
    """Names of files and broken copies of them."""
    chance = random.Random(seed)
    originals = {name: (INPUTS / name).read_bytes() for name in TARGETS}
    for _ in range(number):
        name = chance.choice(list(originals))
        yield name, mutate(originals[name], chance)
