/** The calibration service on a real broker and a real S3 server. */
@NullMarked
package dev.quipforge.calibration;

import org.jspecify.annotations.NullMarked;
