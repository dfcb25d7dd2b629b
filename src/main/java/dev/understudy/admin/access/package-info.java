/**
 * The tokens of the management port: what clients may present, with names and roles, from a setting
 * or a file that is read again when it changes.
 *
 * <p>Deliberately absent: requests and responses, which {@code admin}'s guards judge by these
 * tokens.
 */
@NullMarked
package dev.understudy.admin.access;

import org.jspecify.annotations.NullMarked;
