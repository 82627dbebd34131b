package dev.quipforge.engine.rounding;

/** The ways that QuIP compares of rounding to a scalar grid. */
public enum RoundingMethod {
    /** Every weight to the nearest value. */
    NEAREST("nearest"),
    /** Every weight up or down at random, so that its expectation is unchanged. */
    STOCHASTIC("stochastic"),
    /** Column by column, each at what is best given those before. */
    GREEDY("greedy"),
    /** Column by column with the feedback of the LDL factor: the least loss that linear feedback can have. */
    LDLQ("ldlq"),
    /** LDLQ with the columns ordered by the diagonal of the Hessian, the largest first, and greedy passes after it. */
    LDLQ_RG("ldlq-rg");

    private final String key;

    RoundingMethod(String key) {
        this.key = key;
    }

    /** The name in recipes. */
    public String key() {
        return key;
    }
}
