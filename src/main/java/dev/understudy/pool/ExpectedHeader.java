package dev.understudy.pool;

import dev.understudy.pool.Setting.Required;
import dev.understudy.pool.Setting.Text;
import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Values;
import org.jspecify.annotations.Nullable;

/**
 * A header field that a rule looks for in a response; the rule says whether it must be there or
 * must not.
 *
 * @param name Its name.
 * @param contains Text that one of its values contains.
 */
public record ExpectedHeader(
    @Values("a field name of at most 128 characters")
        @Required("the name of a header")
        @Text(TextFormat.TOKEN)
        String name,
    @Unset("presence is enough") @Text(TextFormat.NOT_EMPTY) @Nullable String contains) {}
