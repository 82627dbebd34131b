package dev.quipforge.llm.format;

import dev.quipforge.llm.config.QuantizationConfig;

/** The format of every method. */
public final class Formats {

    private Formats() {}

    /** The format of weights that are quantized as {@code config} says. */
    public static WeightFormat of(QuantizationConfig config) {
        return switch (config.method()) {
            case QTIP -> new TrellisFormat(config);
            case QUIP_SHARP -> new LatticeFormat(config);
            case QUIP -> new GridFormat(config);
        };
    }
}
