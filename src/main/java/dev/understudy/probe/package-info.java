/**
 * The wire I/O of one probe: a connection, a response, one observation.
 *
 * <p>Deliberately absent: when to probe and what an observation means (see {@code monitor} and
 * {@code health}).
 */
@NullMarked
package dev.understudy.probe;

import org.jspecify.annotations.NullMarked;
