/** Holds the pages of this repository to its code and to its files. */
package dev.understudy.pages;
