/** The inference service on a real broker and a real S3 server. */
@NullMarked
package dev.quipforge.inference;

import org.jspecify.annotations.NullMarked;
