package currency

// currencies is ISO 4217 list one as of 2026-01-01, and of list three
// (withdrawn) the years since 2014.
var currencies = map[string]currency{
	// Two digits, the rule.
	"AED": {minorDigits: 2}, "AFN": {minorDigits: 2}, "ALL": {minorDigits: 2}, "AMD": {minorDigits: 2},
	"AOA": {minorDigits: 2}, "ARS": {minorDigits: 2}, "AUD": {minorDigits: 2}, "AWG": {minorDigits: 2},
	"AZN": {minorDigits: 2}, "BAM": {minorDigits: 2}, "BBD": {minorDigits: 2}, "BDT": {minorDigits: 2},
	"BMD": {minorDigits: 2}, "BND": {minorDigits: 2}, "BOB": {minorDigits: 2}, "BRL": {minorDigits: 2},
	"BSD": {minorDigits: 2}, "BTN": {minorDigits: 2}, "BWP": {minorDigits: 2}, "BZD": {minorDigits: 2},
	"CAD": {minorDigits: 2}, "CDF": {minorDigits: 2}, "CHF": {minorDigits: 2}, "CNY": {minorDigits: 2},
	"COP": {minorDigits: 2}, "CRC": {minorDigits: 2}, "CUP": {minorDigits: 2}, "CVE": {minorDigits: 2},
	"CZK": {minorDigits: 2}, "DKK": {minorDigits: 2}, "DOP": {minorDigits: 2}, "DZD": {minorDigits: 2},
	"EGP": {minorDigits: 2}, "ERN": {minorDigits: 2}, "ETB": {minorDigits: 2}, "EUR": {minorDigits: 2},
	"FJD": {minorDigits: 2}, "FKP": {minorDigits: 2}, "GBP": {minorDigits: 2}, "GEL": {minorDigits: 2},
	"GHS": {minorDigits: 2}, "GIP": {minorDigits: 2}, "GMD": {minorDigits: 2}, "GTQ": {minorDigits: 2},
	"GYD": {minorDigits: 2}, "HKD": {minorDigits: 2}, "HNL": {minorDigits: 2}, "HTG": {minorDigits: 2},
	"HUF": {minorDigits: 2}, "IDR": {minorDigits: 2}, "ILS": {minorDigits: 2}, "INR": {minorDigits: 2},
	"IRR": {minorDigits: 2}, "JMD": {minorDigits: 2}, "KES": {minorDigits: 2}, "KGS": {minorDigits: 2},
	"KHR": {minorDigits: 2}, "KPW": {minorDigits: 2}, "KYD": {minorDigits: 2}, "KZT": {minorDigits: 2},
	"LAK": {minorDigits: 2}, "LBP": {minorDigits: 2}, "LKR": {minorDigits: 2}, "LRD": {minorDigits: 2},
	"LSL": {minorDigits: 2}, "MAD": {minorDigits: 2}, "MDL": {minorDigits: 2}, "MGA": {minorDigits: 2},
	"MKD": {minorDigits: 2}, "MMK": {minorDigits: 2}, "MNT": {minorDigits: 2}, "MOP": {minorDigits: 2},
	"MUR": {minorDigits: 2}, "MVR": {minorDigits: 2}, "MWK": {minorDigits: 2}, "MXN": {minorDigits: 2},
	"MYR": {minorDigits: 2}, "MZN": {minorDigits: 2}, "NAD": {minorDigits: 2}, "NGN": {minorDigits: 2},
	"NIO": {minorDigits: 2}, "NOK": {minorDigits: 2}, "NPR": {minorDigits: 2}, "NZD": {minorDigits: 2},
	"PAB": {minorDigits: 2}, "PEN": {minorDigits: 2}, "PGK": {minorDigits: 2}, "PHP": {minorDigits: 2},
	"PKR": {minorDigits: 2}, "PLN": {minorDigits: 2}, "QAR": {minorDigits: 2}, "RON": {minorDigits: 2},
	"RSD": {minorDigits: 2}, "RUB": {minorDigits: 2}, "SAR": {minorDigits: 2}, "SBD": {minorDigits: 2},
	"SCR": {minorDigits: 2}, "SDG": {minorDigits: 2}, "SEK": {minorDigits: 2}, "SGD": {minorDigits: 2},
	"SHP": {minorDigits: 2}, "SOS": {minorDigits: 2}, "SRD": {minorDigits: 2}, "SSP": {minorDigits: 2},
	"SVC": {minorDigits: 2}, "SYP": {minorDigits: 2}, "SZL": {minorDigits: 2}, "THB": {minorDigits: 2},
	"TJS": {minorDigits: 2}, "TMT": {minorDigits: 2}, "TOP": {minorDigits: 2}, "TRY": {minorDigits: 2},
	"TTD": {minorDigits: 2}, "TWD": {minorDigits: 2}, "TZS": {minorDigits: 2}, "UAH": {minorDigits: 2},
	"USD": {minorDigits: 2}, "UYU": {minorDigits: 2}, "UZS": {minorDigits: 2}, "WST": {minorDigits: 2},
	"XCD": {minorDigits: 2}, "YER": {minorDigits: 2}, "ZAR": {minorDigits: 2}, "ZMW": {minorDigits: 2},

	// No minor unit.
	"BIF": {}, "CLP": {}, "DJF": {}, "GNF": {}, "ISK": {}, "JPY": {}, "KMF": {}, "KRW": {}, "PYG": {},
	"RWF": {}, "UGX": {}, "VND": {}, "VUV": {}, "XAF": {}, "XOF": {}, "XPF": {},

	// Thousandths.
	"BHD": {minorDigits: 3}, "IQD": {minorDigits: 3}, "JOD": {minorDigits: 3}, "KWD": {minorDigits: 3},
	"LYD": {minorDigits: 3}, "OMR": {minorDigits: 3}, "TND": {minorDigits: 3},

	// Introduced since 2014.
	"BYN": {minorDigits: 2, from: "2016-07-01"},
	"MRU": {minorDigits: 2, from: "2018-01-01"},
	"STN": {minorDigits: 2, from: "2018-01-01"},
	"VES": {minorDigits: 2, from: "2018-08-20"},
	"VED": {minorDigits: 2, from: "2021-10-01"}, // beside VES: the same money under two codes
	"SLE": {minorDigits: 2, from: "2022-04-01"},
	"ZWG": {minorDigits: 2, from: "2024-04-05"},
	"XCG": {minorDigits: 2, from: "2025-03-31"},

	// Withdrawn since 2014.
	"LVL": {minorDigits: 2, until: "2014-01-14"},
	"LTL": {minorDigits: 2, until: "2015-01-15"},
	"BYR": {minorDigits: 0, until: "2016-12-31"},
	"MRO": {minorDigits: 2, until: "2018-06-30"},
	"STD": {minorDigits: 2, until: "2018-06-30"},
	"VEF": {minorDigits: 2, until: "2018-12-05"},
	"CUC": {minorDigits: 2, until: "2021-06-30"},
	"HRK": {minorDigits: 2, until: "2023-01-14"},
	"SLL": {minorDigits: 2, until: "2024-03-31"},
	"ZWL": {minorDigits: 2, until: "2024-08-31"},
	"ANG": {minorDigits: 2, until: "2025-06-30"},
	"BGN": {minorDigits: 2, until: "2026-01-31"},
}
