import { z } from "zod";

/** What a parameter says to a value that is no number at all; of the others the error grammar says `integer`. */
export const notNumber = "must be number";

/** A number that need not be whole: money, seconds. */
export const amount = () => z.number({ error: notNumber });
