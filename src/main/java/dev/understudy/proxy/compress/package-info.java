/**
 * Compresses responses on their way to the client, in both lanes: which ones, the stream of gzip,
 * and a bound for the memory of all.
 *
 * <p>Deliberately absent: other codings than gzip, and bodies kept whole: each batch is compressed
 * and sent as it comes.
 */
@NullMarked
package dev.understudy.proxy.compress;

import org.jspecify.annotations.NullMarked;
