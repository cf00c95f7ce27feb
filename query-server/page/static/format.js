import unusualDigits from "/currencies.js";

const digitsOf = (currency) => unusualDigits[currency] ?? 2;

// money shows an amount of minor units in its currency.
export function money(amount, currency) {
  const digits = digitsOf(currency);
  try {
    return new Intl.NumberFormat(undefined, {
      style: "currency", currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: digits, maximumFractionDigits: digits,
    }).format(amount / 10 ** digits);
  } catch {
    return `${(amount / 10 ** digits).toFixed(digits)} ${currency}`; // a code the browser refuses
  }
}

const numbers = new Intl.NumberFormat(undefined, { maximumFractionDigits: 3 });
export const number = (value) => numbers.format(value);

// counted says how many of something there are.
export const counted = (value, one) => `${number(value)} ${value === 1 ? one : one + "s"}`;

const signed = new Intl.NumberFormat(undefined, { signDisplay: "exceptZero" });
export const change = (value) => signed.format(value);

// day shows a trading day, which has no time zone.
export function day(text) {
  const date = new Date(text + "T00:00:00Z");
  return Number.isNaN(date.getTime()) ? text : date.toLocaleDateString(undefined, { dateStyle: "medium", timeZone: "UTC" });
}

export function month(text) {
  return new Date(text + "-01T00:00:00Z").toLocaleDateString(undefined, { year: "numeric", month: "long", timeZone: "UTC" });
}

// moment shows a time as the reader's clock has it.
export const moment = (text) => new Date(text).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

// tillTime shows a ticket's time as it stands on the receipt: the store's clock.
export function tillTime(text) {
  const [, date, time] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(text) ?? [];
  return date ? `${day(date)}, ${time}` : text;
}
