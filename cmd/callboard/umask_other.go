//go:build !unix

package main

// restrictFiles does nothing where access is inherited from the folder.
func restrictFiles() {}
