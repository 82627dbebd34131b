package dev.quipforge.calibration;

import java.nio.file.Path;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What may be taken in.
 *
 * @param allowedRoots directories that models and texts may be read from; nothing may be read when there are none
 */
@ConfigurationProperties("quipforge")
record IntakeProperties(@DefaultValue List<Path> allowedRoots) {

    IntakeProperties {
        allowedRoots = List.copyOf(allowedRoots);
    }
}
