package dev.understudy.conformance.migration;

/**
 * One term of a condition.
 *
 * @param acl the name of an ACL; empty: an anonymous one
 * @param test a criterion with its flags and values
 */
record GuardTerm(boolean negated, String acl, String test) {
  String text() {
    return (negated ? "!" : "") + (acl.isEmpty() ? "{ " + test + " }" : acl);
  }
}
