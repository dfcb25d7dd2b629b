/**
 * Small files that operators write: settings, tokens, keys.
 *
 * <p>Deliberately absent: what stands in them; watching, which is {@code config}'s.
 */
@NullMarked
package dev.understudy.file;

import org.jspecify.annotations.NullMarked;
