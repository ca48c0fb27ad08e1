package delivery_test
import ("testing";"testing/synctest";"context";"time";"path/filepath"
"github.com/callboard/callboard/internal/sqlite")
func TestProbe(t *testing.T){
 for range 3 {
 dir:=t.TempDir()
 real:=time.Now()
 synctest.Test(t, func(t *testing.T){
  db,err:=sqlite.Open(context.Background(), sqlite.Options{Path: filepath.Join(dir,"x.db")})
  if err!=nil {t.Fatal(err)}
  <-time.After(10*time.Second)
  synctest.Wait()
  if err:=db.Close(); err!=nil {t.Fatal(err)}
 })
 t.Log(time.Since(real))
 }
}
