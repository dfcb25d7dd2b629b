/**
 * Divides bounded resources fairly between the networks of clients.
 *
 * <p>Deliberately absent: what is shared, and what becomes of who loses his place.
 */
@NullMarked
package dev.understudy.fairness;

import org.jspecify.annotations.NullMarked;
