/** The same random traffic through two lanes, and what both ends saw of it. */
package dev.understudy.testing.duel;
