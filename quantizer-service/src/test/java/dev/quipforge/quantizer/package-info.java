/** The quantizer service on a real broker and a real S3 server. */
@NullMarked
package dev.quipforge.quantizer;

import org.jspecify.annotations.NullMarked;
