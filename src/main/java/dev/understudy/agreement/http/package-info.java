/**
 * What registers over HTTP have in common: a thread of their own, to which their client is bound,
 * and others' text in one line.
 *
 * <p>Deliberately absent: calls. When one is sent again, what bounds it and what its failure means
 * is another in each store.
 */
@NullMarked
package dev.understudy.agreement.http;

import org.jspecify.annotations.NullMarked;
