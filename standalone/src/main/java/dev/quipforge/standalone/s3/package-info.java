/** The S3 server of the standalone, on a folder. */
@NullMarked
package dev.quipforge.standalone.s3;

import org.jspecify.annotations.NullMarked;
