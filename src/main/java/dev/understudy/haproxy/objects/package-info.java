/**
 * An imported dynamic file as objects of the Gateway API and FailoverPolicies, and what they cannot
 * say of it.
 *
 * <p>Deliberately absent: HAProxy's language, which the dynamic file has left behind.
 */
@NullMarked
package dev.understudy.haproxy.objects;

import org.jspecify.annotations.NullMarked;
