/**
 * The store that replicas share: a few small documents, with compare-and-swap and watch.
 *
 * <p>Deliberately absent: what the documents mean (see {@code quorum}), retries and timers.
 */
@NullMarked
package dev.understudy.agreement.register;

import org.jspecify.annotations.NullMarked;
