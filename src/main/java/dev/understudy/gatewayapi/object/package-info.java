/**
 * Objects of a cluster as values: the kinds of the Gateway API, FailoverPolicies, and what they
 * refer to. Each is read once, from the API's JSON, as its version has it; what it leaves out has
 * the default of the specification.
 *
 * <p>Deliberately absent: what objects mean to one another, and status.
 */
@NullMarked
package dev.understudy.gatewayapi.object;

import org.jspecify.annotations.NullMarked;
