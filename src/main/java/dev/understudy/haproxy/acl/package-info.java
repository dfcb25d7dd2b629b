/**
 * HAProxy's conditions: sample expressions, named and anonymous ACLs, and their translation into
 * Understudy's language of conditions (configuration manual, 7).
 *
 * <p>Deliberately absent: the rules that have conditions.
 */
@NullMarked
package dev.understudy.haproxy.acl;

import org.jspecify.annotations.NullMarked;
