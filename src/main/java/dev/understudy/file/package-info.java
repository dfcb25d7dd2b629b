/**
 * Small files that operators write, such as settings, tokens and keys, and digests that identify
 * content.
 *
 * <p>Deliberately absent: what stands in them; watching, which is {@code config}'s.
 */
@NullMarked
package dev.understudy.file;

import org.jspecify.annotations.NullMarked;
