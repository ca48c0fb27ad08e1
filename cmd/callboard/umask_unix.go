//go:build unix

package main

import "syscall"

// restrictFiles makes every file that this process creates readable by its owner only: a database holds keys.
func restrictFiles() { syscall.Umask(0o077) }
