/**
 * The entry point.
 *
 * <p>Deliberately absent: everything else, so that an old Java gets as far as the error message.
 */
@NullMarked
package dev.understudy;

import org.jspecify.annotations.NullMarked;
