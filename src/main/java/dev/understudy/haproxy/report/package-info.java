/**
 * What became of each line: verdicts, the table of directives that has their texts, and the report
 * for operators.
 *
 * <p>Deliberately absent: decisions about a line, which belong to the translators.
 */
@NullMarked
package dev.understudy.haproxy.report;

import org.jspecify.annotations.NullMarked;
