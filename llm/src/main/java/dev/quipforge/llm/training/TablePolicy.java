package dev.quipforge.llm.training;

/** What a training does with the tables of values of quantized linears, where their code has one. */
enum TablePolicy {
    /** They stay, as in the published tuning of blocks. */
    FIXED,
    /** They are trained. */
    TRAINED
}
