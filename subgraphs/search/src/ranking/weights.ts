/** Weights of title, brand, type, description, attributes and ids (the order of `fields`). Round numbers from the flat region of the measurements; fitted ones did worse on notFound queries. */
export const fieldWeights = [8, 2, 4, 2, 1, 1] as const;
/** BM25's k1. */
export const saturation = 1.2;
/** BM25's b. */
export const lengthNormalization = 0.75;
