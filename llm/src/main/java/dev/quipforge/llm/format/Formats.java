package dev.quipforge.llm.format;

import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationMethod;

/** The format of every method. */
public final class Formats {

    private Formats() {}

    /** The format of weights that are quantized as {@code config} says. */
    public static WeightFormat of(QuantizationConfig config) {
        return switch (QuantizationMethod.of(config.method())) {
            case QTIP -> new TrellisFormat(config);
            case QUIP_SHARP -> new LatticeFormat(config);
            case QUIP -> new GridFormat(config);
        };
    }
}
