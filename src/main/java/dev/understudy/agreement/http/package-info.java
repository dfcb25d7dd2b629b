/**
 * What the registers over HTTP share: a thread of their own, to which their client is bound.
 *
 * <p>Deliberately absent: calls. Their repetition, their limits and the meaning of their failures
 * differ from store to store.
 */
@NullMarked
package dev.understudy.agreement.http;

import org.jspecify.annotations.NullMarked;
