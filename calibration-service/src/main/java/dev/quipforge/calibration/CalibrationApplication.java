package dev.quipforge.calibration;

import org.springframework.boot.builder.SpringApplicationBuilder;

/** The calibration service as a process of its own. */
public final class CalibrationApplication {

    private CalibrationApplication() {}

    /** Starts the service. */
    public static void main(String[] arguments) {
        new SpringApplicationBuilder(CalibrationConfiguration.class)
                .properties("spring.config.name=calibration-service")
                .run(arguments);
    }
}
