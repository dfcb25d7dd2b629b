/**
 * Divides bounded resources fairly between the networks of clients.
 *
 * <p>Deliberately absent: what is shared, and the consequence of losing a place.
 */
@NullMarked
package dev.understudy.fairness;

import org.jspecify.annotations.NullMarked;
